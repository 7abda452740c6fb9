"""The services of tenants. Import it as `tenants`."""

from tenants.services.core import (
    NameTaken,
    change_tenant,
    outbound_is_on,
    record,
    set_up_tenant,
    switch_outbound,
)
from tenants.services.deliveries import deliver_webhook
from tenants.services.job_runs import delete_old_job_runs, plan_tenant_jobs, run_tenant_job
from tenants.services.keys import BeyondReach, change_api_key, create_api_key, revoke_api_key
from tenants.services.signing import rotate_signing_secret
from tenants.services.webhooks import (
    TooManyEndpoints,
    change_endpoint,
    check_endpoint,
    create_endpoint,
    delete_endpoint,
    emit,
    emit_callback,
    failing_endpoints,
    prepare_callback,
    purge_events,
    replay_delivery,
    replay_range,
    rotate_secret,
    send_test,
)

__all__ = [
    "BeyondReach",
    "NameTaken",
    "TooManyEndpoints",
    "change_api_key",
    "change_endpoint",
    "change_tenant",
    "check_endpoint",
    "create_api_key",
    "create_endpoint",
    "delete_endpoint",
    "delete_old_job_runs",
    "deliver_webhook",
    "emit",
    "emit_callback",
    "failing_endpoints",
    "outbound_is_on",
    "plan_tenant_jobs",
    "prepare_callback",
    "purge_events",
    "record",
    "replay_delivery",
    "replay_range",
    "revoke_api_key",
    "rotate_secret",
    "rotate_signing_secret",
    "run_tenant_job",
    "send_test",
    "set_up_tenant",
    "switch_outbound",
]
