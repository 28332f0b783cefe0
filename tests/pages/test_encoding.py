import base64
import io

from PIL import Image

from pages.parts.shared import encoding


def test_a_data_url_holds_the_image_as_a_file_of_its_format():
    image = Image.new("RGB", (3, 2), (10, 20, 30))
    beginning, _, content = encoding.data_url(image, "PNG").partition(",")
    assert beginning == "data:image/png;base64"
    read = Image.open(io.BytesIO(base64.b64decode(content)))
    assert read.format == "PNG" and read.tobytes() == image.tobytes()
