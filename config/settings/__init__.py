"""All settings, by topic. Names and defaults: docs/settings.md."""

import sys

from common.env import SettingError, load_file, record_unused_variables

try:
    load_file()
    from .access import *  # noqa: F403 - one name space
    from .alerts import *  # noqa: F403 - one name space
    from .approvals import *  # noqa: F403 - one name space
    from .behaviour import *  # noqa: F403 - one name space
    from .data import *  # noqa: F403 - one name space
    from .flows import *  # noqa: F403 - one name space
    from .logs import *  # noqa: F403 - one name space
    from .providers import *  # noqa: F403 - one name space
    from .reminders import *  # noqa: F403 - one name space
    from .safety import SABOTAGE as SABOTAGE
    from .safety import refuse_unsafe
    from .server import *  # noqa: F403 - one name space

    record_unused_variables()
    refuse_unsafe(globals())
except SettingError as error:
    # Exit 78 is EX_CONFIG of sysexits.h: a supervisor need not try again.
    sys.stderr.write(f"frontdesk: {error}\n")
    sys.stderr.flush()
    sys.exit(78)
