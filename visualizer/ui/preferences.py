"""What the window remembers from one start to the next."""

from PySide6.QtCore import QByteArray, QSettings

from visualizer.paths import user_data
from visualizer.ui.theme import Choice

RECENT_LIMIT = 12


class Preferences:
    """Geometry, theme, last page, recent files and folders of data, in one INI file."""

    def __init__(self) -> None:
        self._settings = QSettings(str(user_data() / "settings.ini"), QSettings.Format.IniFormat)

    @property
    def theme(self) -> Choice:
        """The theme chosen last; "system" when there is none or the file says nonsense."""
        value = self._settings.value("theme", "system")
        return value if value in ("system", "dark", "light") else "system"

    @theme.setter
    def theme(self, choice: Choice) -> None:
        self._settings.setValue("theme", choice)

    @property
    def page(self) -> str:
        """The page on show at the end of the last session, or ""."""
        return str(self._settings.value("page", ""))

    @page.setter
    def page(self, title: str) -> None:
        self._settings.setValue("page", title)

    @property
    def geometry(self) -> QByteArray | None:
        """The window's place as Qt saved it."""
        value = self._settings.value("geometry")
        return value if isinstance(value, QByteArray) else None

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._settings.setValue("geometry", geometry)

    @property
    def recent(self) -> list[str]:
        """Paths of the files opened last, newest first."""
        value = self._settings.value("recent", [])
        paths = value if isinstance(value, list) else [value]  # a list of one reads as its entry
        return [path for path in paths if isinstance(path, str)][:RECENT_LIMIT]

    @recent.setter
    def recent(self, paths: list[str]) -> None:
        self._settings.setValue("recent", paths[:RECENT_LIMIT])

    def data_folder(self, name: str) -> str:
        """Return the folder chosen last for the data set `name`, or ""."""
        return str(self._settings.value(f"data/{name}", ""))

    def keep_data_folder(self, name: str, folder: str) -> None:
        """Remember where the data set `name` is; "": nowhere of the user's choice."""
        self._settings.setValue(f"data/{name}", folder)

    def forget(self) -> None:
        """Drop everything remembered ("Reset layout")."""
        self._settings.clear()

    def save(self) -> None:
        """Write to disk now."""
        self._settings.sync()
