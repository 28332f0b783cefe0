"""Cats & Dogs Studio, the library: train a Keras network to tell cats from dogs, and use it. No Streamlit in here.

The way of a run, from what is asked for to answers:

    config, presets       what a run is asked to do
    layout -> dataset     a folder -> checked photographs
    split                 who is trained on, who chooses the epoch, who is held out
    images -> pixels      files -> decoded once, at one size
    batches               what `keras.Model.fit` reads
    stages                which epochs train at which size
    augmentation, warp    the random changes, as a Keras layer, and their arithmetic
    models, resnet        the networks; resnet is our own
    whitening             how the first convolution of a network can begin
    normalisation         batch normalisation that trains faster than Keras' own
    optimizers, muon      the rule of the updates, with its learning-rate schedule; muon is our own
    backbones, pretrained networks that know ImageNet, and where their weights come from
    devices, precision    what it runs on, and in which number format
    training              one run, from its configuration to its evaluation, told by `recorder` and `progress`
    evaluation            how good it is, and how sure one can be
    repeats, significance runs with several seeds: their spread, and whether a difference is more than noise
    studies               the study, repeated, and what the runs say of its conclusions
    classifier            a stored run and pictures -> answers
    companion             a process beside the server's that has Keras loaded
    script, source        a run as a stand-alone Keras script
    bundle                a run as a ZIP file that classifies elsewhere

    runs                  the run folder, where pages and workers meet
    summaries             a run in one line, and the best one
    trash                 deleted runs, until they are gone for good
    worker, jobs          the process of one run; starting, stopping and queueing them
    forecast              how long a run will take, and when those that wait start
    curves, charts        histories -> curves -> figures
    diagnostics           evaluations -> figures of how a model errs
    demo                  draws a data set, so that everything works with no download
    home, files, locks    where things are kept, how files are replaced, who holds what
    errors                what people are told

`python -m catsdogs` is the command line, `terminal` what it shows.
"""
