"""The choices for settings that have names as values: networks, optimizers, schedules and so on. The limits of numbers are in `config`."""

PRETRAINED_MODELS = ("mobilenetv2", "efficientnetv2b0", "convnexttiny")  # with weights learned on ImageNet
MODELS = ("conv2d", "dense", "resnet", *PRETRAINED_MODELS)
ANY_SIZE_MODELS = ("resnet",)  # whose weights fit images of any size
OPTIMIZERS = ("sgd", "adam", "rmsprop", "adamw", "muon")
SCHEDULES = ("constant", "linear", "cosine", "one_cycle")
PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")
INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos")
FILL_MODES = ("nearest", "constant", "reflect", "wrap")
IMAGENET, NO_WEIGHTS = "imagenet", "none"
CLASS_WEIGHTS = ("none", "balanced")
PROPORTIONS = {  # what is done with photographs that are not square, and the settings that say so
    "stretch": {"crop_to_aspect_ratio": False, "pad_to_aspect_ratio": False},
    "crop": {"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": False},
    "pad": {"crop_to_aspect_ratio": False, "pad_to_aspect_ratio": True},
}
WEIGHTS_SUFFIXES = (".h5", ".hdf5", ".keras")  # by which Keras recognises the format
# px, for networks of any size. Below, nothing is left to halve, and in bfloat16, the gradients of a strided convolution of a single pixel
# are uninitialised memory (TensorFlow 2.21 with oneDNN).
SMALLEST = 17
DEFAULT_RATES = {"sgd": 0.01, "adam": 0.001, "rmsprop": 0.001, "adamw": 0.001, "muon": 0.02}  # Keras', except for Muon's
