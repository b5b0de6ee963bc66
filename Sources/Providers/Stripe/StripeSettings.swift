import Kernel

/// How Stripe is reached, and by whom.
package struct StripeSettings: Sendable {
    /// The secret key of the operator's account with Stripe: `sk_live_…`, `sk_test_…`, or a restricted `rk_…`.
    package let key: Secret<String>
    /// What Stripe signs its posts to us with: `whsec_…`.
    package let webhookSecret: Secret<String>
    /// Without a slash at the end.
    package let url: String
    /// How long a request may take; shorter than a workflow's step.
    package let timeout: Duration

    package static let publicURL = "https://api.stripe.com"

    package init(
        key: Secret<String>, webhookSecret: Secret<String>, url: String = publicURL, timeout: Duration = .seconds(15)
    ) {
        self.key = key
        self.webhookSecret = webhookSecret
        self.url = url
        self.timeout = timeout
    }
}
