"""The menu View: how the window looks, and what a layer is. Views put their own commands below."""

from layerswitch.network.graph import Level

from ...platform.theme import Theme
from ...widgets.commands import Command
from ..context import Context
from ..opening import Opening
from ..registry import LINE, Registry

MENU = "&View"


def add_view_menu(registry: Registry, context: Context, opening: Opening, theme: Theme) -> None:
    """Fill the menu."""
    navigation = context.navigation

    def dress(name: str, title: str, key: str, tip: str) -> Command:
        def choose() -> None:
            theme.choose(name)
            context.preferences.set("theme", name)

        return Command(f"theme_{name}", title, key, tip, choose, checked=lambda: theme.choice == name, group="theme")

    def level(name: Level, title: str, key: str, tip: str) -> Command:
        return Command(
            f"level_{name}",
            title,
            key,
            tip,
            lambda: opening.choose_level(name),
            checked=lambda: opening.level == name,
            group="level",
        )

    def scale(to: float) -> None:
        theme.set_scale(to)
        context.preferences.set("scale", theme.scale)

    registry.add(MENU, (
        Command("palette", "Command &palette…", "Ctrl+K", "Find any command by typing", navigation.show_palette),
        dress("system", "Theme: s&ystem", "Ctrl+Alt+0", "Light or dark as the system has it"),
        dress("light", "Theme: &light", "Ctrl+Alt+1", "Light colours"),
        dress("dark", "Theme: &dark", "Ctrl+Alt+2", "Dark colours"),
        LINE,
        level("operator", "By &operator", "Ctrl+Alt+7", "Assign every operator of the model file by itself"),
        level("layer", "By l&ayer", "Ctrl+Alt+8", "Assign layers: an operator with its bias, batch-norm and activation"),
        level("block", "By &block", "Ctrl+Alt+9", "Assign whole blocks: an inception module, a residual block"),
        LINE,
        Command("larger", "Lar&ger text", "Ctrl++", "For a projector", lambda: scale(theme.scale * 1.1)),
        Command("smaller", "S&maller text", "Ctrl+-", "To see more at once", lambda: scale(theme.scale / 1.1)),
        Command("normal", "&Normal text", "Ctrl+0", "The system's text size", lambda: scale(1.0)),
        LINE,
        Command("full_screen", "F&ull screen", "F11", "Fill the screen, or go back", navigation.toggle_full_screen),
        Command("reset_layout", "&Reset panels", "Ctrl+Alt+L", "Put every panel back in its place", navigation.reset_layout),
    ))  # fmt: skip
