from tortoise import migrations
from tortoise.migrations import operations as ops
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('kernel', '0012_addfield_lanerow_revision')]

    initial = False

    operations = [
        ops.CreateModel(
            name='LetterRow',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(null=True, max_length=36)),
                ('recipient', fields.CharField(max_length=254)),
                ('subject', fields.CharField(max_length=200)),
                ('about', fields.CharField(max_length=128)),
                ('state', fields.CharField(max_length=16)),
                ('attempts', fields.IntField()),
                ('answer', fields.CharField(null=True, max_length=250)),
                ('body', fields.TextField(unique=False)),
                ('posted_ms', fields.BigIntField()),
                ('ended_ms', fields.BigIntField(null=True)),
            ],
            options={'table': 'kernel_letter', 'app': 'kernel', 'indexes': [Index(fields=['company_id', 'posted_ms']), Index(fields=['company_id', 'about']), Index(fields=['company_id', 'ended_ms'])], 'pk_attr': 'id'},
            bases=['Row'],
        ),
    ]
