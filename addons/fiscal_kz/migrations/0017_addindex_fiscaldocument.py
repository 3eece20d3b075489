from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('fiscal_kz', '0016_removeconstraint_fiscaldocument_none')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='FiscalDocument',
            index=Index(fields=['client_key'], name='fkz_document_client'),
        ),
    ]
