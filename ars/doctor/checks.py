"""All that the doctor looks at, in the order in which it is to be mended."""

from ars.doctor import database, installation, services, work
from ars.doctor.findings import Check

CHECKS = (
    Check("addresses", installation.addresses),
    Check("encryption", installation.encryption),
    Check("database", database.database),
    Check("migrations", database.migrations, needs="database"),
    Check("clock", database.clock, needs="database"),
    Check("broker", services.broker, apart=True),
    Check("cache", services.shared_cache, apart=True),
    Check("stripe", services.stripe, apart=True),
    Check("mail", services.mail, apart=True),
    Check("workers", work.workers, apart=True),
    Check("beat", work.beat, needs="migrations"),
    Check("work", work.waiting, needs="migrations"),
    Check("static files", installation.static_files),
    Check("disk", installation.room),
    Check("figures", installation.figures),
)
