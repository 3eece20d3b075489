from tortoise import migrations
from tortoise.migrations import operations as ops

# What services/tickets_by_time.py notes of tickets from now on, of those that are here already.
FILL = """INSERT INTO trd_late_ticket (id, company_id, register_id, ticket_at)
SELECT s.id, s.company_id, s.register_id, s.ticket_at FROM trd_sale s
WHERE ABS(s.ticket_at - s.created_at) > 3600000
AND NOT EXISTS (SELECT 1 FROM trd_late_ticket t WHERE t.id = s.id)"""


class Migration(migrations.Migration):
    dependencies = [("trade", "0017_lateticket")]

    initial = False

    operations = [ops.RunSQL(FILL)]
