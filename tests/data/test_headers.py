"""Files that Keras' tutorial deletes."""

from catsdogs.data import headers
from tests.images import encoded, noise, picture


def test_a_jpeg_without_jfif_is_found_and_nothing_else(tmp_path):
    whole = encoded(noise(0), "JPEG")
    assert whole[6:10] == b"JFIF"
    (tmp_path / "camera.JPG").write_bytes(whole[:2] + whole[20:])  # without its first segment, APP0
    (tmp_path / "bitmap.jpg").write_bytes(encoded(noise(1), "BMP"))
    exif = noise(2).getexif()
    exif[0x010F] = "A camera"
    usual = [picture(tmp_path / name) for name in ("a.jpg", "b.png", "c.bmp")] + [picture(tmp_path / "both.jpeg", exif=exif)]
    found = [tmp_path / name for name in ("camera.JPG", "bitmap.jpg")]
    assert headers.without_jfif([*usual, *found, tmp_path / "gone.jpg"]) == found
