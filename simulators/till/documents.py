"""The GraphQL documents of a till and of the person who sets a shop up.

Each reads like an example in the docs.
"""

from __future__ import annotations

from uuid import uuid4

REFUSED = "... on Refused { code message field nextAction }"

SIGN_IN = f"""
mutation SignIn($email: String!, $password: String!, $companyId: ID) {{
  signIn(email: $email, password: $password, companyId: $companyId) {{
    __typename ... on SessionTokens {{ accessToken }} {REFUSED}
  }}
}}"""

UPDATE_COMPANY = f"""
mutation UpdateCompany($input: UpdateCompanyInput!) {{
  updateCompany(input: $input) {{ __typename ... on Company {{ id isVatPayer }} {REFUSED} }}
}}"""

CREATE_COMPANY = f"""
mutation CreateCompany($input: CreateCompanyInput!) {{
  createCompany(input: $input) {{ __typename ... on Company {{ id bin }} {REFUSED} }}
}}"""

CLOSE_COMPANY = f"""
mutation CloseCompany($id: ID!) {{
  closeCompany(id: $id) {{ __typename ... on Company {{ id isClosed }} {REFUSED} }}
}}"""

ME = "query Me { me { kind company { id bin title } permissions } }"

CREATE_OUTLET = f"""
mutation CreateOutlet($input: CreateOutletInput!) {{
  createOutlet(input: $input) {{ __typename ... on Outlet {{ id title }} {REFUSED} }}
}}"""

CREATE_REGISTER = f"""
mutation CreateRegister($input: CreateRegisterInput!) {{
  createRegister(input: $input) {{ __typename ... on Register {{ id number title }} {REFUSED} }}
}}"""

CREATE_OPERATOR = f"""
mutation CreateOperator($input: CreateOperatorInput!) {{
  createOperator(input: $input) {{ __typename ... on Operator {{ id name }} {REFUSED} }}
}}"""

ISSUE_TOKEN = f"""
mutation IssueToken($input: IssueApiTokenInput!) {{
  issueApiToken(input: $input) {{ __typename ... on IssuedApiToken {{ token }} {REFUSED} }}
}}"""

ACTIVATE = f"""
mutation ActivateKkm($input: ActivateKkmInput!) {{
  activateKkm(input: $input) {{ __typename ... on Kkm {{ id isActive }} {REFUSED} }}
}}"""

SALE_FIELDS = """
  id saleKey kind state replayed total taken change receiptUrl sign offlineNumber isOffline
  payments { kind amount } lines { position name quantity price total vat }
"""

REGISTER_SALE = f"""
mutation RegisterSale($input: RegisterSaleInput!, $wait: Int!) {{
  registerSale(input: $input, wait: $wait) {{ __typename ... on Sale {{ {SALE_FIELDS} }} {REFUSED} }}
}}"""

REGISTER_RETURN = f"""
mutation RegisterReturn($input: RegisterReturnInput!, $wait: Int!) {{
  registerReturn(input: $input, wait: $wait) {{ __typename ... on Sale {{ {SALE_FIELDS} }} {REFUSED} }}
}}"""

DEPOSIT = f"""
mutation Deposit($input: MoveCashInput!) {{
  depositCash(input: $input) {{ __typename ... on CashOperation {{ id state replayed }} {REFUSED} }}
}}"""

WITHDRAW = f"""
mutation Withdraw($input: MoveCashInput!) {{
  withdrawCash(input: $input) {{ __typename ... on CashOperation {{ id state replayed }} {REFUSED} }}
}}"""

SALE_BY_KEY = f"query SaleByKey($saleKey: UUID!) {{ saleByKey(saleKey: $saleKey) {{ {SALE_FIELDS} }} }}"

RECEIPT_TEXT = (
    "query Receipt($id: ID!, $width: Int!) { sale(id: $id) { receiptText(width: $width) receiptUrl state } }"
)

SET_CONTRACT = f"""
mutation SetContract($input: AcquirerContractInput!) {{
  setAcquirerContract(input: $input) {{ __typename ... on AcquirerContract {{ id }} {REFUSED} }}
}}"""

CONNECT_TERMINAL = f"""
mutation ConnectTerminal($contract: ID!, $place: TerminalPlaceInput!, $address: String!) {{
  connectTerminal(contractId: $contract, place: $place, address: $address) {{
    __typename ... on CardTerminal {{ id }} {REFUSED} }}
}}"""

PAIR_TERMINAL = f"""
mutation PairTerminal($id: ID!) {{
  pairTerminal(id: $id) {{ __typename ... on TerminalCheck {{ isSame }} {REFUSED} }}
}}"""

CLOSE_TERMINAL = f"""
mutation CloseTerminal($id: ID!) {{
  closeTerminal(id: $id) {{ __typename ... on CardTerminal {{ id }} {REFUSED} }}
}}"""

START_CARD = f"""
mutation StartCard($input: StartCardPaymentInput!) {{
  startCardPayment(input: $input) {{ __typename ... on CardOperation {{ id state }} {REFUSED} }}
}}"""

CARD_OPERATION = "query CardOperation($id: ID!) { cardOperation(id: $id) { id state } }"

PRODUCTS = """
query Products($first: Int!, $after: String) {
  products(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    totalCount nodes { id code name price barcode unitCode isMarked vat { percent } }
  }
}"""

REPORT_FIELDS = """
  id kind state isOffline
  report {
    shiftNumber documents revenue drawer
    operations { operation count sum } cash { placement count sum }
  }
  serverReport { shiftNumber revenue drawer }
"""

IMPORT = f"""
mutation Import($input: ImportCatalogInput!) {{
  importCatalog(input: $input) {{ __typename ... on CatalogImport {{ state read created }} {REFUSED} }}
}}"""

X_REPORT = f"""
mutation XReport($input: ShiftReportInput!) {{
  xReport(input: $input) {{ __typename ... on FiscalReport {{ {REPORT_FIELDS} }} {REFUSED} }}
}}"""

CLOSE_SHIFT = f"""
mutation CloseShift($input: ShiftReportInput!) {{
  closeShift(input: $input) {{ __typename ... on FiscalReport {{ {REPORT_FIELDS} }} {REFUSED} }}
}}"""

KKM_FIELDS = """
  isActive link block blockCode undelivered documents drawer revenue shift { number isOpen documents }
"""

KKM = f"query KkmOf($registerId: ID!) {{ kkm(registerId: $registerId) {{ {KKM_FIELDS} }} }}"

ENTER_TOKEN = f"""
mutation EnterToken($input: EnterTokenInput!) {{
  enterToken(input: $input) {{ __typename ... on Kkm {{ block }} {REFUSED} }}
}}"""

BIND = f"""
mutation Bind($registerId: ID!) {{
  issueDeviceBinding(registerId: $registerId, title: "till") {{
    __typename ... on DeviceBinding {{ bindingToken }} {REFUSED}
  }}
}}"""

BE_BOUND = f"""
mutation BeBound($bindingToken: String!) {{
  bindDevice(bindingToken: $bindingToken) {{ __typename ... on BoundDevice {{ deviceToken }} {REFUSED} }}
}}"""

SIGN_IN_OPERATOR = f"""
mutation SignInOperator($registerId: ID!, $operatorId: ID!, $pin: String!) {{
  signInOperator(registerId: $registerId, operatorId: $operatorId, pin: $pin) {{
    __typename ... on OperatorSession {{ operator {{ name }} tokens {{ accessToken }} }} {REFUSED}
  }}
}}"""

RECEIPT_STATUS = """
subscription ReceiptStatus($saleId: ID!) { receiptStatus(saleId: $saleId) { state sign offlineNumber } }"""

REGISTER_STATE = f"""
subscription RegisterState($registerId: ID!) {{ registerState(registerId: $registerId) {{ {KKM_FIELDS} }} }}
"""


def new_key() -> str:
    """A client's own key for a document it is about to ask for."""
    return str(uuid4())
