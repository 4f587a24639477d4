"""What Keras 3's callbacks do with fixed sequences of logs: `python training_callbacks.py` writes ../training/callbacks.json."""

import contextlib
import io
import json
import os
import tempfile
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras.src.utils import progbar

OUTPUT = Path(__file__).resolve().parent.parent / "training" / "callbacks.json"

FALLING = [1.0, 0.5, 0.45, 0.46, 0.44, 0.4399, 0.45, 0.43, 0.5, 0.42]
RISING = [0.1, 0.3, 0.2, 0.35, 0.35, 0.36, 0.34, 0.37, 0.36, 0.36]
FLAT = [0.7] * 10
SEQUENCES = {"falling": FALLING, "rising": RISING, "flat": FLAT}


class Optimizer:
    def __init__(self):
        self.learning_rate = np.float32(0.01)

    def __setattr__(self, name, value):
        super().__setattr__(name, np.float32(value))


class Model:
    """What callbacks ask of a model: its weight is the epoch that has ended, and saving is noted."""

    metrics = []
    built = True

    def __init__(self):
        self.stop_training = False
        self.optimizer = Optimizer()
        self.epoch = -1
        self.saved = []

    def get_weights(self):
        return self.epoch

    def set_weights(self, weights):
        self.epoch = weights

    def save(self, path, overwrite=True):
        self.saved.append(path)

    def save_weights(self, path, overwrite=True):
        self.saved.append(path)


def run(callback, logs_of_epochs, batches=0):
    """The loop of fit around one callback."""
    model = Model()
    callback.set_model(model)
    callback.set_params({"epochs": len(logs_of_epochs), "verbose": 0, "steps": batches})
    rates = []
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        callback.on_train_begin()
        for epoch, logs in enumerate(logs_of_epochs):
            callback.on_epoch_begin(epoch)
            for batch in range(batches):
                callback.on_train_batch_begin(batch)
                callback.on_train_batch_end(batch, dict(logs))
            model.epoch = epoch
            given = dict(logs)
            callback.on_epoch_end(epoch, given)
            rates.append(given.get("learning_rate"))
            if model.stop_training:
                break
        ended = model.epoch
        callback.on_train_end()
    return {"ended": ended, "weights": model.epoch, "saved": model.saved, "rates": rates, "rate": float(model.optimizer.learning_rate), "text": text.getvalue()}


def early_stopping():
    options = [
        {}, {"patience": 2}, {"patience": 2, "min_delta": 0.05}, {"patience": 3, "restore_best_weights": True, "verbose": 1},
        {"patience": 1, "baseline": 0.44}, {"patience": 1, "start_from_epoch": 4}, {"patience": 2, "mode": "max", "restore_best_weights": True, "verbose": 1},
        {"patience": 1, "mode": "max", "min_delta": 0.02}, {"patience": 4, "baseline": 0.2, "restore_best_weights": True, "start_from_epoch": 2},
    ]
    for option in options:
        for name, values in SEQUENCES.items():
            yield {"options": option, "sequence": name, **run(keras.callbacks.EarlyStopping(**option), [{"val_loss": value} for value in values])}


def plateau():
    options = [
        {"patience": 1}, {"patience": 2, "factor": 0.5, "verbose": 1}, {"patience": 1, "cooldown": 2}, {"patience": 1, "min_lr": 0.0005, "verbose": 1},
        {"patience": 2, "min_delta": 0.05}, {"patience": 2, "mode": "max", "factor": 0.2},
    ]
    for option in options:
        for name, values in SEQUENCES.items():
            yield {"options": option, "sequence": name, **run(keras.callbacks.ReduceLROnPlateau(**option), [{"val_loss": value} for value in values])}


SCHEDULES = {"halved": lambda epoch, rate: rate * 0.5, "steps": lambda epoch, rate: 0.1 / (1 + epoch // 3)}


def scheduler():
    for name, schedule in SCHEDULES.items():
        yield {"schedule": name, **run(keras.callbacks.LearningRateScheduler(schedule, verbose=1), [{"loss": 1.0}] * 6)}


def checkpoint():
    options = [
        {"filepath": "a/{epoch:04d}.keras"}, {"filepath": "a/best.keras", "save_best_only": True, "verbose": 1},
        {"filepath": "a/{epoch:02d}-{val_loss:.2f}-{acc:.3e}.keras", "save_best_only": True, "mode": "max", "verbose": 1},
        {"filepath": "a/{epoch}-{batch:03d}.keras", "save_freq": 3, "verbose": 1}, {"filepath": "a/{epoch}.weights.h5", "save_weights_only": True},
        {"filepath": "a/{val_loss}.keras", "save_best_only": True, "initial_value_threshold": 0.445, "verbose": 1},
    ]
    for option in options:
        for name, values in SEQUENCES.items():
            with tempfile.TemporaryDirectory() as folder:
                here = os.getcwd()
                os.chdir(folder)
                logs = [{"val_loss": value, "acc": value / 3} for value in values]
                yield {"options": option, "sequence": name, **run(keras.callbacks.ModelCheckpoint(**option), logs, batches=4)}
                os.chdir(here)


def csv():
    runs = {
        "plain": [[{"loss": 0.5, "accuracy": 1.0}, {"loss": 1e-7, "accuracy": 0.1 + 0.2}]],
        "validation": [[{"loss": 0.5, "val_loss": 123456.75}, {"loss": float("nan"), "val_loss": 1e22}, {"loss": 0.25}]],
        "appended": [[{"loss": 0.5}], [{"loss": 0.25}]],
        "texts": [[{"note": 'say "no", or not', "loss": 2.5e-5}]],
    }
    for name, sequence in runs.items():
        for separator in (",", ";"):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "log.csv")
                for logs in sequence:
                    run(keras.callbacks.CSVLogger(path, separator=separator, append=name == "appended"), logs)
                # NaN is no JSON: the logs of each case stand in the test
                yield {"name": name, "separator": separator, "bytes": Path(path).read_bytes().decode()}


def formats():
    specs = ["", ".2f", "04d", "8.3f", "+.1e", ".3g", ",.2f", "<8.2f", "*^9.1f", "010.4f", ".2%", "g", "=+7d", ".4", "E", "x"]
    values = [0, 7, 12345, -3, 0.5, 1 / 3, 1234567.891, 1e-5, 123456789012345680.0, -0.0625, 1e16, 0.0001, 99999.5, 1e22]
    for value in values:
        for spec in specs:
            try:
                yield [value, isinstance(value, int), spec, format(value, spec)]
            except ValueError:
                yield [value, isinstance(value, int), spec, None]


class Clock:
    def __init__(self):
        self.now = 1000.0

    def time(self):
        return self.now


def bars():
    real = progbar.time
    for verbose in (1, 2):
        for target in (3, 120, None):
            for seconds in (0.0004, 0.2, 40.0):
                clock = Clock()
                progbar.time = clock
                bar = progbar.Progbar(target, verbose=verbose, stateless_metrics=set())
                bar._dynamic_display = True
                text = io.StringIO()
                with contextlib.redirect_stdout(text):
                    for step in range(1, 4):
                        clock.now += seconds
                        bar.update(step, [("loss", 1.0 / step), ("accuracy", 0.0005 * step)], finalize=False)
                    bar.target = target or 3
                    bar.update(bar.target, [("loss", 0.25), ("accuracy", 0.75), ("val_loss", 12.5)], finalize=True)
                yield {"verbose": verbose, "target": target, "seconds": seconds, "text": text.getvalue()}
    progbar.time = real


def main():
    keras.utils.enable_interactive_logging()
    result = {"generator": f"keras {keras.__version__}", "sequences": SEQUENCES}
    for make in (early_stopping, plateau, scheduler, checkpoint, csv, formats, bars):
        result[make.__name__] = list(make())
    OUTPUT.parent.mkdir(exist_ok=True)
    def lines(value):
        return "[\n" + ",\n".join(json.dumps(item, ensure_ascii=False) for item in value) + "\n]" if isinstance(value, list) else json.dumps(value)

    OUTPUT.write_text("{\n" + ",\n".join(f"{json.dumps(key)}: {lines(value)}" for key, value in result.items()) + "\n}\n")


if __name__ == "__main__":
    main()
