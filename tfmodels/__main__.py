"""`python -m tfmodels`: the `tfmodels` command."""

import sys

from pipelines.cli.main import main

sys.exit(main())
