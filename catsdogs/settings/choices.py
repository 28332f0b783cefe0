"""What some settings may be, by name: networks, optimizers, schedules and so on. The limits of numbers are in `config`."""

PRETRAINED_MODELS = ("mobilenetv2", "efficientnetv2b0", "convnexttiny")  # can start from weights learned on ImageNet
MODELS = ("conv2d", "dense", "resnet", *PRETRAINED_MODELS)
ANY_SIZE_MODELS = ("resnet",)  # whose weights fit images of every size
OPTIMIZERS = ("sgd", "adam", "rmsprop", "adamw", "muon")
SCHEDULES = ("constant", "linear", "cosine", "one_cycle")
PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")
INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos")
FILL_MODES = ("nearest", "constant", "reflect", "wrap")
IMAGENET, NO_WEIGHTS = "imagenet", "none"
CLASS_WEIGHTS = ("none", "balanced")
PROPORTIONS = {  # what becomes of photographs that are no squares, with the settings that say so
    "stretch": {"crop_to_aspect_ratio": False, "pad_to_aspect_ratio": False},
    "crop": {"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": False},
    "pad": {"crop_to_aspect_ratio": False, "pad_to_aspect_ratio": True},
}
WEIGHTS_SUFFIXES = (".h5", ".hdf5", ".keras")  # Keras tells the format by it
# px for networks of any size. Below it, nothing is left to halve, and in bfloat16, gradients of a strided convolution of a single pixel are
# whatever was in memory (TensorFlow 2.21 with oneDNN).
SMALLEST = 17
DEFAULT_RATES = {"sgd": 0.01, "adam": 0.001, "rmsprop": 0.001, "adamw": 0.001, "muon": 0.02}  # Keras', except for Muon's
