"""The one family of errors that people see: what is wrong, where, and what to do about it."""


class LayerSwitchError(Exception):
    """Base of every error meant for people.

    `what` says what is wrong, `where` names the file, layer, field or board, `hint` says what to do.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what, self.where, self.hint = what, where, hint
        super().__init__(str(self))

    def __str__(self) -> str:
        """One line: `where: what (hint)`; line breaks inside are made spaces."""
        text = f"{self.where}: {self.what}" if self.where else self.what
        text = f"{text} ({self.hint})" if self.hint else text
        return " ".join(text.split())


class FileError(LayerSwitchError):
    """A file cannot be read, written, or is not of the expected schema."""


class ModelError(LayerSwitchError):
    """A model file is broken, of an unknown format, or describes an impossible network."""


class InputShapeError(ModelError):
    """The model leaves a dimension free; `inputs` maps each open input to its shape with None for free ones."""

    def __init__(
        self, what: str, *, where: str = "", hint: str = "", inputs: dict[str, tuple[int | None, ...]] | None = None
    ) -> None:
        self.inputs = inputs or {}
        super().__init__(what, where=where, hint=hint)


class AssignmentError(LayerSwitchError):
    """An assignment or a pin names an unknown layer or device, or one that cannot run there."""


class ProfileError(LayerSwitchError):
    """A profile is incomplete, contradicts itself, or belongs to another model."""


class PlanError(LayerSwitchError):
    """No assignment satisfies what was asked for."""


class BoardError(LayerSwitchError):
    """A board is unknown, unreachable, or refused what was asked.

    `log` are the last lines of the agent's log.
    """

    log: tuple[str, ...] = ()


class LostError(BoardError):
    """The agent, or the way to it, is gone. `link` says that it was the way: the board may come back by itself."""

    link: bool = False


class BusyError(BoardError):
    """Another agent measures on the board; `what` says whose."""


class NoRoomError(BoardError):
    """The board has no room for what it must keep; what it has of that stays there."""


class ReachError(BoardError):
    """A board cannot be reached. `step` of boards.ssh.STEPS failed; `again` says that a later try may succeed."""

    step: str = ""
    again: bool = False


class ProtocolError(BoardError):
    """The agent's bytes are not of the protocol."""


class UnsupportedLayerError(BoardError):
    """No device of the board can run a layer of the network."""


class CancelledError(LayerSwitchError):
    """The person cancelled the job."""
