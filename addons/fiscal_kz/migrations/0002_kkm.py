from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.fiscal_kz.domain.kinds import Block, Link
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('fiscal_kz', '0001_fiscaldocument')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Kkm',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(unique=True, max_length=36)),
                ('profile', fields.CharField(max_length=32)),
                ('ofd_id', fields.BigIntField()),
                ('version', fields.IntField()),
                ('is_active', fields.BooleanField(default=False)),
                ('activated_ms', fields.BigIntField(null=True)),
                ('activation_code', fields.CharField(null=True, max_length=64)),
                ('card', fields.TextField(unique=False)),
                ('token', fields.BigIntField()),
                ('reqnum', fields.IntField(default=0)),
                ('link', fields.CharEnumField(default=Link.ONLINE, description='ONLINE: ONLINE\nOFFLINE: OFFLINE', enum_type=Link, max_length=8)),
                ('offline_since_ms', fields.BigIntField(null=True)),
                ('retry_at_ms', fields.BigIntField(default=0)),
                ('undelivered', fields.IntField(default=0)),
                ('oldest_ms', fields.BigIntField(null=True)),
                ('has_backlog', fields.BooleanField(default=False)),
                ('block', fields.CharEnumField(default=Block.NONE, description='NONE: NONE\nSERVER: SERVER\nTOKEN: TOKEN\nUNKNOWN_DEVICE: UNKNOWN_DEVICE\nSERVICE: SERVICE\nREPLAY: REPLAY\nOFFLINE_TOO_LONG: OFFLINE_TOO_LONG', enum_type=Block, max_length=24)),
                ('block_code', fields.IntField(default=0)),
                ('server_blocks', fields.IntField(default=0)),
                ('shift_id', fields.CharField(null=True, max_length=36)),
                ('shift_number', fields.IntField(default=0)),
                ('shift_opened_ms', fields.BigIntField(null=True)),
                ('is_shift_expired', fields.BooleanField(default=False)),
                ('documents', fields.BigIntField(default=0)),
                ('shift_documents', fields.IntField(default=0)),
                ('last_document_ms', fields.BigIntField(default=0)),
                ('last_offline_number', fields.BigIntField(default=0)),
                ('counters', fields.TextField(unique=False)),
                ('notices', fields.TextField(default='', unique=False)),
            ],
            options={'table': 'fkz_kkm', 'app': 'fiscal_kz', 'unique_together': (('profile', 'ofd_id'),), 'indexes': [Index(fields=['company_id', 'id'], name='fkz_kkm_company')], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
