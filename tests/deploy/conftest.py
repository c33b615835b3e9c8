"""What all test programs of this folder share."""

import os

# Before anything asks: the SAM tools want a region, and must tell nobody about us.
os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")
os.environ["SAM_CLI_TELEMETRY"] = "0"
