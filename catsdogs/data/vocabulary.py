"""The words in names of folders and files that say something: subsets, cats and dogs; and those that say nothing, such as `IMG`."""

import re
import unicodedata


def _meaning(meaning: str, *words: str) -> dict[str, str]:
    return dict.fromkeys(" ".join(words).split(), meaning)


def _words(*words: str) -> frozenset[str]:
    return frozenset(" ".join(words).split())


SUBSET_WORDS = {
    **_meaning("training", "train training trainset trainieren trainingsdaten trainingsbilder entrainement entraînement apprentissage"),
    **_meaning("training", "entrenamiento addestramento treino treinamento обучение"),
    **_meaning("validation", "validation val valid dev eval evaluation validierung validierungsdaten validación validacion validazione"),
    **_meaning("validation", "validação validacao валидация"),
    **_meaning("test", "test testing testset holdout testen testdaten testbilder prueba pruebas prova teste тест"),
}
CLASS_WORDS = {
    **_meaning("cat", "cat cats katze katzen chat chats gato gatos gatto gatti kat katten katt katter kot koty kedi kediler"),
    **_meaning("cat", "кот коты кошка кошки 猫 貓 ねこ ネコ 고양이"),
    **_meaning("dog", "dog dogs hund hunde chien chiens perro perros cane cani cão cães cachorro cachorros hond honden hundar hunder"),
    **_meaning("dog", "pies psy köpek köpekler пёс собака собаки 犬 狗 いぬ イヌ 개"),
}
CONJUNCTIONS = _words("and or vs versus n")
NEGATIONS = _words("no not non without kein keine ohne sans sin")
ANNOTATIONS = _words("annotation annotations label labels mask masks trimap trimaps segmentation segmentations")
_PLAIN = _words(
    "set data dataset image images img imgs photo photos picture pictures pic pics seg split folder files jpg jpeg png jpegimages",
    "bild bilder foto fotos imagen imágenes immagini",
)
_OF_TOOLS = _words(
    "dsc dscf dscn pxl mvimg vid wa whatsapp telegram signal fb received screenshot screen bildschirmfoto scan download unnamed",
    "untitled copy kopie pexels unsplash pixabay flickr istock istockphoto shutterstock gettyimages",
)


def words_of(name: str) -> list[str]:
    """The words and numbers of a name in lower case: `trainCats_01` -> train, cats, 01."""
    return [part.casefold() for part in parts_of(name)]


def parts_of(name: str) -> list[str]:
    """The words and numbers of a name as they are written: `trainCats_01` -> train, Cats, 01."""
    # Apart go `trainCats`, letters and the digits after them, digits and the letters after them.
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " ", unicodedata.normalize("NFKC", name))
    marked = (each if each.isalnum() or unicodedata.category(each)[0] == "M" else " " for each in apart)  # M: marks, as Hindi vowels
    return "".join(marked).split()


def are_plain(words: list[str]) -> bool:
    """Whether these words of a folder's name say nothing, as numbers and words like `images` do."""
    return all(word in _PLAIN or word.isdecimal() for word in words)


def is_of_tool(word: str) -> bool:
    """Whether a word of a file's name says nothing: it comes from a camera, phone, browser or photo library, or is a subset."""
    return word in _PLAIN or word in _OF_TOOLS or word in SUBSET_WORDS
