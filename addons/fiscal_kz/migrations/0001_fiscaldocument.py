from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.fiscal_kz.domain.kinds import DocumentKind
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name='FiscalDocument',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('kkm_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(max_length=36)),
                ('lane_seq', fields.BigIntField()),
                ('kind', fields.CharEnumField(description='TICKET: TICKET\nCASH: CASH\nCLOSE: CLOSE\nREPORT: REPORT\nPOLL: POLL\nINFO: INFO', enum_type=DocumentKind, max_length=8)),
                ('subject_id', fields.CharField(null=True, max_length=36)),
                ('client_key', fields.CharField(null=True, max_length=36)),
                ('state', fields.CharField(max_length=12)),
                ('body', fields.TextField(unique=False)),
                ('total', fields.BigIntField(default=0)),
                ('created_ms', fields.BigIntField()),
                ('at_ms', fields.BigIntField(null=True)),
                ('shift_number', fields.IntField(null=True)),
                ('document_number', fields.BigIntField(null=True)),
                ('shift_document_number', fields.IntField(null=True)),
                ('offline_number', fields.BigIntField(null=True)),
                ('is_offline', fields.BooleanField(default=False)),
                ('is_marked', fields.BooleanField(default=False)),
                ('request', fields.TextField(null=True, unique=False)),
                ('sign', fields.CharField(null=True, max_length=32)),
                ('qr_text', fields.CharField(default='', max_length=512)),
                ('result_code', fields.IntField(null=True)),
                ('reject_code', fields.CharField(null=True, max_length=64)),
                ('settled_ms', fields.BigIntField(null=True)),
                ('report', fields.TextField(null=True, unique=False)),
                ('server_report', fields.TextField(null=True, unique=False)),
            ],
            options={'table': 'fkz_document', 'app': 'fiscal_kz', 'unique_together': (('register_id', 'client_key'),), 'indexes': [Index(fields=['kkm_id', 'lane_seq'], name='fkz_document_queue'), Index(fields=['subject_id'], name='fkz_document_subject')], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
