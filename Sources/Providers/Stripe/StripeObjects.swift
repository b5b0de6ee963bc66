/// What is read of Stripe's objects; they have more. Names are Stripe's own.
enum StripeObject {
    /// What Stripe answers lists of.
    protocol Listed: Decodable {
        var id: String { get }
    }

    struct Page<Object: Listed>: Decodable {
        let data: [Object]
        let hasMore: Bool

        enum CodingKeys: String, CodingKey {
            case data
            case hasMore = "has_more"
        }
    }

    struct Customer: Listed {
        let id: String
        let metadata: [String: String]?
    }

    struct CheckoutSession: Decodable {
        let id: String
        let url: String?
        let mode: String
        let status: String?
        let clientReferenceID: String?
        let customer: String?
        /// With its payment method, where that was asked for.
        let setupIntent: SetupIntent?

        enum CodingKeys: String, CodingKey {
            case id, url, mode, status, customer
            case clientReferenceID = "client_reference_id"
            case setupIntent = "setup_intent"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            id = try container.decode(String.self, forKey: .id)
            url = try container.decodeIfPresent(String.self, forKey: .url)
            mode = try container.decode(String.self, forKey: .mode)
            status = try container.decodeIfPresent(String.self, forKey: .status)
            clientReferenceID = try container.decodeIfPresent(String.self, forKey: .clientReferenceID)
            customer = try container.decodeIfPresent(String.self, forKey: .customer)
            // Only its name, unless it was asked for in full.
            setupIntent = try? container.decodeIfPresent(SetupIntent.self, forKey: .setupIntent)
        }
    }

    struct SetupIntent: Decodable {
        let id: String
        let status: String
        let paymentMethod: PaymentMethod?

        enum CodingKeys: String, CodingKey {
            case id, status
            case paymentMethod = "payment_method"
        }
    }

    struct PaymentMethod: Decodable {
        let id: String
        let created: Int64
        let card: Card?

        struct Card: Decodable {
            let brand: String
            let last4: String
            let month: Int
            let year: Int

            enum CodingKeys: String, CodingKey {
                case brand, last4
                case month = "exp_month"
                case year = "exp_year"
            }
        }
    }

    struct PaymentIntent: Listed {
        let id: String
        let amountReceived: Int64
        let currency: String
        let status: String
        let metadata: [String: String]
        let lastPaymentError: Fault?

        enum CodingKeys: String, CodingKey {
            case id, currency, status, metadata
            case amountReceived = "amount_received"
            case lastPaymentError = "last_payment_error"
        }
    }

    struct Refund: Listed {
        let id: String
        let amount: Int64
        let status: String?
        let paymentIntent: String?
        let metadata: [String: String]?

        enum CodingKeys: String, CodingKey {
            case id, amount, status, metadata
            case paymentIntent = "payment_intent"
        }
    }

    /// A customer's bank wants a charge back.
    struct Dispute: Decodable {
        let id: String
        let amount: Int64
        let reason: String
        let paymentIntent: String?

        enum CodingKeys: String, CodingKey {
            case id, amount, reason
            case paymentIntent = "payment_intent"
        }
    }

    struct Event: Decodable {
        let id: String
        let type: String
        let data: Content

        struct Content: Decodable {
            let object: Named
        }

        struct Named: Decodable {
            /// Some things that events are about have none.
            let id: String?
        }
    }

    /// What Stripe answers when it does not do what it was asked.
    struct Failure: Decodable {
        let error: Fault
    }

    struct Fault: Decodable {
        /// api_error, card_error, idempotency_error or invalid_request_error.
        let type: String
        let code: String?
        let declineCode: String?
        let adviceCode: String?
        let message: String?
        let paymentIntent: Named?

        struct Named: Decodable {
            let id: String
        }

        enum CodingKeys: String, CodingKey {
            case type, code, message
            case declineCode = "decline_code"
            case adviceCode = "advice_code"
            case paymentIntent = "payment_intent"
        }
    }
}

extension StripeObject.Fault {
    /// Whether the same card may be tried again some other day (docs.stripe.com/declines/codes).
    var isRetryable: Bool {
        adviceCode != "do_not_try_again" && !Self.definite.contains(declineCode ?? code ?? "")
    }

    private static let definite: Set<String> = [
        "expired_card", "incorrect_number", "invalid_number", "invalid_account", "lost_card",
        "new_account_information_available",
        "pickup_card", "restricted_card", "revocation_of_all_authorizations", "revocation_of_authorization",
        "stolen_card", "stop_payment_order",
    ]

    /// A sentence that its owner may read. Stripe's own words for lost and stolen cards are neutral on purpose.
    var sentence: String { message ?? "The card was declined" }
}
