from tortoise import migrations
from tortoise.migrations import operations as ops
from addons.pos_terminal.domain.payment import FiscalSide, OperationKind, PaymentMethod, PaymentState
from kernel.data.fields import MoneyField
from kernel.ids import new_id
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('pos_terminal', '0007_terms')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CardPayment',
            fields=[
                ('id', fields.CharField(primary_key=True, default=new_id, unique=True, db_index=True, max_length=36)),
                ('company_id', fields.CharField(max_length=36)),
                ('payment_key', fields.CharField(max_length=36)),
                ('body_digest', fields.CharField(max_length=64)),
                ('kind', fields.CharEnumField(description='PURCHASE: PURCHASE\nVOID: VOID\nREFUND: REFUND', enum_type=OperationKind, max_length=8)),
                ('state', fields.CharEnumField(description='AWAITING_CARD: AWAITING_CARD\nQUEUED: QUEUED\nSENT: SENT\nAPPROVED: APPROVED\nDECLINED: DECLINED\nCANCELLED: CANCELLED\nUNKNOWN: UNKNOWN\nREVERSING: REVERSING\nREVERSED: REVERSED\nREVIEW: REVIEW\nVOIDED: VOIDED\nREFUNDED: REFUNDED', enum_type=PaymentState, max_length=16)),
                ('fiscal', fields.CharEnumField(description='NOT_NEEDED: NOT_NEEDED\nAWAITED: AWAITED\nPENDING: PENDING\nDONE: DONE\nREFUSED: REFUSED', enum_type=FiscalSide, max_length=12)),
                ('method', fields.CharEnumField(description='CARD: CARD\nQR: QR', enum_type=PaymentMethod, max_length=8)),
                ('tender', fields.CharField(max_length=8)),
                ('contract_id', fields.CharField(max_length=36)),
                ('terminal_id', fields.CharField(max_length=36)),
                ('register_id', fields.CharField(max_length=36)),
                ('operator_id', fields.CharField(null=True, max_length=36)),
                ('created_by', fields.CharField(max_length=64)),
                ('driver', fields.CharField(max_length=32)),
                ('busy_terminal_id', fields.CharField(null=True, unique=True, max_length=36)),
                ('busy_original_id', fields.CharField(null=True, unique=True, max_length=36)),
                ('original_id', fields.CharField(null=True, max_length=36)),
                ('sale_id', fields.CharField(null=True, max_length=36)),
                ('amount', MoneyField(generated=False, null=False, unique=False)),
                ('approved', MoneyField(generated=False, null=False, unique=False)),
                ('refunded', MoneyField(generated=False, null=False, unique=False)),
                ('batch', fields.IntField(null=True)),
                ('stan', fields.IntField(null=True)),
                ('is_going', fields.BooleanField()),
                ('is_cancel_asked', fields.BooleanField()),
                ('attempts', fields.IntField()),
                ('reversals', fields.IntField()),
                ('events', fields.IntField()),
                ('created_ms', fields.BigIntField()),
                ('deadline_ms', fields.BigIntField(null=True)),
                ('sent_ms', fields.BigIntField()),
                ('unknown_ms', fields.BigIntField()),
                ('reversing_ms', fields.BigIntField()),
                ('decided_ms', fields.BigIntField(null=True)),
                ('banking_day', fields.CharField(null=True, max_length=10)),
                ('undo_until_ms', fields.BigIntField(null=True)),
                ('reason', fields.CharField(max_length=8)),
                ('code', fields.CharField(max_length=64)),
                ('note', fields.CharField(max_length=32)),
                ('memo', fields.TextField(unique=False)),
                ('reversal_image', fields.TextField(unique=False)),
                ('rrn', fields.CharField(max_length=32)),
                ('authorization_code', fields.CharField(max_length=16)),
                ('response_code', fields.CharField(max_length=16)),
                ('masked_number', fields.CharField(max_length=32)),
                ('scheme', fields.CharField(max_length=32)),
                ('entry_mode', fields.CharField(max_length=16)),
                ('is_wallet', fields.BooleanField()),
                ('application_id', fields.CharField(max_length=32)),
                ('terminal_code', fields.CharField(max_length=32)),
                ('merchant_code', fields.CharField(max_length=32)),
                ('host_day', fields.CharField(max_length=4)),
                ('host_ms', fields.BigIntField(null=True)),
                ('slip_number', fields.CharField(max_length=32)),
                ('order_number', fields.CharField(max_length=64)),
                ('proposed_verdict', fields.CharField(null=True, max_length=8)),
                ('proposed_by', fields.CharField(null=True, max_length=64)),
                ('closed_by', fields.CharField(null=True, max_length=64)),
            ],
            options={'table': 'pos_payment', 'app': 'pos_terminal', 'unique_together': (('company_id', 'payment_key'), ('terminal_id', 'batch', 'stan')), 'indexes': [Index(fields=['company_id', 'id']), Index(fields=['terminal_id', 'state']), Index(fields=['register_id', 'id']), Index(fields=['original_id']), Index(fields=['sale_id']), Index(fields=['company_id', 'banking_day', 'terminal_id']), Index(fields=['state', 'fiscal', 'decided_ms'])], 'pk_attr': 'id'},
            bases=['CompanyRow'],
        ),
    ]
