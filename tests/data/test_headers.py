"""Files that Keras' tutorial deletes."""

from catsdogs.data import dataset, headers
from tests.images import encoded, noise, photographs, picture


def test_a_jpeg_without_jfif_is_found_and_nothing_else(tmp_path):
    folder = photographs(tmp_path / "photos", {"cats": 2, "dogs": 1})
    whole = encoded(noise(0), "JPEG")
    assert whole[6:10] == b"JFIF"
    (folder / "cats" / "camera.JPG").write_bytes(whole[:2] + whole[20:])  # without its first segment, APP0
    (folder / "cats" / "bitmap.jpg").write_bytes(encoded(noise(1), "BMP"))
    exif = noise(2).getexif()
    exif[0x010F] = "A camera"
    for name in ("b.png", "c.bmp"):
        picture(folder / "dogs" / name)
    picture(folder / "dogs" / "both.jpeg", exif=exif)
    found = {photo.path: photo.lacks_jfif for photo in dataset.check(folder).photos}
    assert {path for path, lacks in found.items() if lacks} == {"cats/camera.JPG", "cats/bitmap.jpg"} and len(found) == 8


def test_only_the_start_of_a_file_counts():
    assert headers.lacks_jfif("late.jpg", bytes(headers.START)) and not headers.lacks_jfif("late.jpg", b"\xff\xd8..JFIF")
