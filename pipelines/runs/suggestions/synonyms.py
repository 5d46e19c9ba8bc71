"""What OpenNMT, fairseq, Hugging Face, Keras and the like call our options."""

import re
from collections.abc import Iterable

# Our option, whole or by its last part -> its other names, without marks between words and in lower case.
# fmt: off
_NAMES = {
    "learning_rate": "lr initlr baselr initiallearningrate learningrate stepsize eta peaklr maxlr",
    "batch_tokens": "batch batchsize bs trainbatchsize perdevicetrainbatchsize perdeviceevalbatchsize "
    "evalbatchsize microbatchsize globalbatchsize maxtokens batchtokens",
    "batch": "batchsize bs",
    "batches": "batchsize batch batchsizes bs",
    "epochs": "epoch numepochs nepochs nepoch maxepochs maxepoch numtrainepochs trainepochs",
    "steps": "step maxsteps maxstep maxupdate maxupdates trainsteps trainingsteps numsteps numtrainsteps "
    "iterations iters numiters niter totalsteps totalnumupdate",
    "interval": "evalsteps evaluationsteps evalstrategy validsteps validationsteps evalinterval valinterval "
    "validateinterval validationfreq savesteps saveinterval savefreq savecheckpointsteps loggingsteps loginterval "
    "reportevery stepsperepoch valcheckinterval",
    "warmup_steps": "warmup warmupupdates numwarmupsteps warmupratio lrwarmup warmupepochs",
    "schedule": "scheduler lrscheduler lrschedulertype lrschedule decaymethod decay lrdecay",
    "weight_decay": "wd l2 decayrate",
    "optimizer": "optim opt",
    "beta_2": "adambeta2 adambetas beta2 betas",
    "clip_norm": "clip clipgrad gradclip gradclipnorm gradientclip gradientclipval gradientclipping "
    "maxgradnorm globalclipnorm",
    "accumulate": "accumulation gradientaccumulation gradientaccumulationsteps gradaccum accumcount "
    "updatefreq accumulategradbatches",
    "replicas": "gpu gpus numgpus numgpu ngpus ngpu gpuranks device devices worldsize distributedworldsize "
    "numreplicas nprocpernode numprocesses strategy distribute",
    "precision": "fp16 bf16 amp half mixedprecision dtype modeldtype dtypepolicy",
    "patience": "earlystopping earlystop earlystoppingpatience",
    "label_smoothing": "labelsmoothingfactor smoothing",
    "ema_decay": "ema useema emamomentum averagedecay movingaveragedecay",
    "average_checkpoints": "averagecheckpoint avgcheckpoints averagelastcheckpoints swa",
    "recompute": "gradientcheckpointing checkpointactivations remat rematerialize",
    "xla": "jit jitcompile compile torchcompile",
    "seed": "randomseed randomstate manualseed",
    "r_drop": "rdropalpha",
    "d_model": "hidden hiddensize hiddendim hiddenunits dim modeldim embeddim embeddingdim embsize embeddingsize "
    "encoderembeddim decoderembeddim wordvecsize rnnsize units numunits width",
    "num_layers": "layers nlayers nlayer numhiddenlayers depth enclayers declayers encoderlayers decoderlayers "
    "numencoderlayers numdecoderlayers",
    "num_heads": "heads head nhead nheads numattentionheads attentionheads encoderattentionheads "
    "decoderattentionheads",
    "feed_forward_dim": "ffn ff dff ffndim ffdim feedforward transformerff intermediatesize dimfeedforward "
    "encoderffnembeddim decoderffnembeddim ffninnerdim intermediatedim",
    "dropout": "dropoutrate droprate hiddendropout hiddendropoutprob dropoutprob",
    "attention_dropout": "attndropout attentiondropoutrate attentionprobsdropoutprob",
    "activation_dropout": "ffndropout reludropout",
    "activation": "activationfn hiddenact activationfunction",
    "attention": "attentiontype globalattention attentionmechanism",
    "norm_first": "prenorm normalizebefore encodernormalizebefore decodernormalizebefore",
    "positions": "positionencoding positionalencoding posemb posembedding rope",
    "model": "arch architecture modeltype modelname modelnameorpath encodertype decodertype rnntype family network",
    "data": "dataset datasetname train traindata trainfile traindir trainpref trainpath datadir datapath dataroot "
    "input inputfile corpus csv file test testdata testfile testpref valid validation val dev validdata validationdata "
    "validfile validationfile validpref evalfile",
    "source": "src sourcelang sourcelanguage srclang from",
    "target": "tgt trg targetlang targetlanguage tgtlang to targetcol targetcolumn targetcolumns y value",
    "vocabulary_size": "vocab vocabsize srcvocab srcvocabsize tgtvocabsize numwords vocabulary numtokens spmvocabsize",
    "max_length": "maxlen maxseqlength maxseqlen maxsequencelength sequencelength seqlen blocksize modelmaxlength "
    "outputsequencelength",
    "max_source_length": "maxlen maxlength maxseqlength maxseqlen srcseqlength maxsourcepositions maxsourcelen "
    "sequencelength seqlen blocksize modelmaxlength",
    "max_target_length": "maxlen maxlength tgtseqlength maxtargetpositions maxtargetlen",
    "context": "lookback lookbackwindow window windowsize inputlen inputlength inputsize inputchunklength seqlen lags "
    "maxencoderlength contextlength history",
    "horizon": "predlen predictionlength predictionhorizon forecasthorizon outputchunklength outputlen h fh nahead "
    "maxpredictionlength",
    "frequency": "freq",
    "time": "timecol timecolumn date datecol datecolumn datetime timestamp timestamps ds timeidx timeindex index",
    "series": "idcol idcolumn id groupids groupid uniqueid seriesid itemid group",
    "levels": "quantile quantiles intervals",
    "season": "seasonality seasonlength period",
    "text": "textcol textcolumn textfield sentence x",
    "label": "labelcol labelcolumn labelfield labels target y",
    "classes": "numclasses numlabels nclasses labelnames",
    "class_weights": "classweight",
    "validation_share": "validsplit validationsplit valsplit testsize valsize validationfraction devsplit",
    "split": "validationsplit valsplit testsize subset partition",
    "start_from": "pretrained pretrain initcheckpoint initfrom finetunefrommodel checkpoint ckpt restorefile trainfrom "
    "loadfrom modelpath weights finetune",
    "vectors": "embeddings embedding pretrainedembeddings encoderembedpath prewordvecsenc glove word2vec fasttext",
    "teacher": "distill teachermodel distillation",
    "normalize": "lowercase dolowercase normalization",
    "beam_size": "beam beams beamwidth numbeams k",
    "length_penalty": "lenpen lengthalpha alpha",
    "no_repeat_ngram": "norepeatngramsize blockngramrepeat norepeat",
    "coverage_penalty": "coverage",
    "decoding.max_length": "maxnewtokens maxlenb maxdecodinglength maxoutputlength",
    "decision.threshold": "cutoff",
    "run": "name runname experiment experimentname exp output outputdir outputpath out outdir savedir savepath save "
    "savemodel modeldir logdir projectname checkpointdir ckptdir savecheckpointpath resume resumefromcheckpoint",
    "overwrite": "force overwriteoutputdir clean restart reset",
    "config": "configfile cfg yaml params paramsfile recipe",
    "dry_run": "dry simulate check",
    "find_lr": "lrfind lrfinder autolr autolrfind",
    "find_batch": "autobatch autobatchsize autoscalebatchsize autofindbatchsize",
    "seeds": "numseeds nseeds",
    "on_bad": "onbadlines errors onerror",
    "missing": "navalues nan nullvalues",
    "delimiter": "sep separator delim",
    "to": "output outputdir out outdir dest destination path dir folder savedmodeldir exportdir",
    "weights": "quantize quantise quantization dtype precision int8 fp16 bfloat16",
    "output": "out outfile outputfile outputpath predictionsfile preds save",
    "input": "in infile inputfile inputs file src source data pairs",
    "url": "server endpoint address host serverurl",
    "timeout": "deadline wait",
    "header": "headers token auth",
    "ca_file": "cert certificate cacert cafile ca",
    "allow_code": "trustremotecode trust",
    "task": "usrdir userdir",
    "rest_port": "port restapiport httpport p",
    "grpc_port": "grpc grpcapiport",
    "host": "bind address ip listen",
    "batching": "batchingparametersfile enablebatching",
    "write_config": "modelconfigfile configfile docker kubernetes",
    "most_rows": "maxbatchsize batchsize",
    "help": "h usage",
}
# fmt: on
_MEANT: dict[str, list[str]] = {}
for _ours, _others in _NAMES.items():
    for _other in _others.split():
        _MEANT.setdefault(_other, []).append(_ours)


def squashed(name: str) -> str:
    """A name without marks between its words and in lower case, as names are compared.

    Example:
        `squashed("Batch-Size")` -> `"batchsize"`
    """
    return re.sub(r"[-_\s]", "", name).lower()


def is_foreign(name: str) -> bool:
    """Whether other programs have an option of that name.

    Example:
        `is_foreign("beam")` -> `True`
    """
    return squashed(name) in _MEANT


def meant(name: str, known: Iterable[str]) -> list[str]:
    """The options that another program calls so.

    Args:
        name: The last part of an unknown name.
        known: The valid options.

    Returns:
        Those of `known`, of each family that has it.

    Example:
        `meant("beam", ["decoding.beam_size"])` -> `["decoding.beam_size"]`
    """
    ours = _MEANT.get(squashed(name), [])
    return [one for one in known if one in ours or one.rpartition(".")[-1] in ours]
