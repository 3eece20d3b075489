"""What the agent says to the server, in GraphQL."""

from __future__ import annotations

TAKE = """
mutation Take($holder: UUID!, $count: Int!) {
  takePrintJobs(holder: $holder, count: $count) {
    __typename
    ... on PrintOrders { orders { jobId printerId printerName connection number isMarkedDuplicate content } }
    ... on Refused { code message }
  }
}
"""

PRINTED = """
mutation Printed($jobId: ID!, $holder: UUID!, $paper: PrinterPaper!) {
  reportPrinted(jobId: $jobId, holder: $holder, paper: $paper) {
    __typename
    ... on PrintJob { state }
    ... on Refused { code message }
  }
}
"""

FAILED = """
mutation Failed(
  $jobId: ID!, $holder: UUID!, $problem: PrinterProblem!, $text: String!, $isBegun: Boolean!
  $paper: PrinterPaper!
) {
  reportPrintFailed(
    jobId: $jobId, holder: $holder, problem: $problem, text: $text, isBegun: $isBegun, paper: $paper
  ) {
    __typename
    ... on PrintJob { state }
    ... on Refused { code message }
  }
}
"""

STATES = """
mutation States($states: [PrinterStateInput!]!) {
  reportPrinters(states: $states) {
    __typename
    ... on PrinterList { printers { id } }
    ... on Refused { code message }
  }
}
"""

NEWS = "subscription News { printJobs { waiting } }"

MY_PRINTERS = "query Mine { myPrinters { id name connection } }"

BIND = """
mutation Bind($token: String!) {
  bindDevice(bindingToken: $token) {
    __typename
    ... on BoundDevice { deviceToken }
    ... on Refused { code message }
  }
}
"""

TAKE_EXCHANGES = """
mutation TakeExchanges($holder: UUID!, $count: Int!) {
  takeShopExchanges(holder: $holder, count: $count) {
    __typename
    ... on ShopExchanges {
      exchanges {
        exchangeId terminalTitle origin method path headers { name value } body fingerprint limitMs
      }
    }
    ... on Refused { code message }
  }
}
"""

ANSWER_EXCHANGE = """
mutation AnswerExchange($input: ShopExchangeAnswerInput!) {
  answerShopExchange(input: $input) {
    __typename
    ... on ShopExchangeNoted { exchangeId }
    ... on Refused { code message }
  }
}
"""

EXCHANGE_NEWS = "subscription ExchangeNews { shopExchanges { waiting } }"
