"""All that the doctor looks at, in the order in which it is to be mended."""

from ars.doctor import database, installation, outside, work
from ars.doctor.findings import Check

CHECKS = (
    Check("addresses", installation.addresses),
    Check("encryption", installation.encryption),
    Check("database", database.database),
    Check("migrations", database.migrations, needs="database"),
    Check("clock", database.clock, needs="database"),
    Check("broker", outside.broker, apart=True),
    Check("cache", outside.shared_cache, apart=True),
    Check("stripe", outside.stripe, apart=True),
    Check("mail", outside.mail, apart=True),
    Check("workers", work.workers, apart=True),
    Check("beat", work.beat, needs="migrations"),
    Check("work", work.waiting, needs="migrations"),
    Check("static files", installation.static_files),
    Check("disk", installation.room),
    Check("figures", installation.figures),
)
