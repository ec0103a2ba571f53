"""Names the package that answers `chaos discover brownout`, which would take any top-level one."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TopLevel(BuildHookInterface[Any]):
    """Puts top_level.txt into the wheel's metadata, whose folder is named by the version."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the one file. `version` is the wheel's kind, "standard" or "editable"."""
        del version
        folder = f"brownout-{self.metadata.version}.dist-info"
        build_data["force_include"]["brownout/top_level.txt"] = f"{folder}/top_level.txt"
