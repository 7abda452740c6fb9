"""`python -m simulator`: the outside world on one port."""

import argparse
import os
import sys

REFUSED = 78  # EX_CONFIG
WHY = "The simulator does not run where APP_ENV is production: it answers in place of real services.\n"


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--config", default="var/simulator.json", help="the product's channels, read again on change")
    parser.add_argument("--quiet", action="store_true", help="name no address")
    options = parser.parse_args()
    if os.environ.get("APP_ENV") == "production":
        sys.stderr.write(WHY)
        return REFUSED
    from simulator.server import serve

    said = "" if options.quiet else f"Phone at http://{options.host}:{options.port}/simulator/\n"
    serve(options.host, options.port, options.config, said=said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
