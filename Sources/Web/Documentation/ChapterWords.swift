import Cloud

/// What a chapter says before its calls.
enum ChapterWords {
    /// - Parameter address: where the reader found us.
    static func html(of chapter: Chapter, at address: String, _ catalogue: Catalogue) -> HTML {
        switch chapter.id {
        case "plans": plans
        case "account": account
        case "servers": servers
        case "ssh-keys": "<p>A key on your account is installed on every server you deploy from then on.</p>"
        case "domains": domains
        case "dns": dns
        case "billing": billing
        case "repeats": repeats(at: address, catalogue)
        case "errors": errors
        case "rate-limits": rateLimits
        default: .empty
        }
    }

    private static let plans: HTML = """
        <p>Three lists say what there is, where, and with which operating system. They need no key. A server keeps the \
        price at which it was deployed. An image that cannot be had now says why.</p>
        """

    private static let account: HTML = """
        <p>Two limits stand between a mistake and a bill: how many servers you may have, and the spend cap, which the \
        monthly prices of all your servers together do not pass.</p>
        """

    private static let servers: HTML = """
        <p>A server is deployed by one call and is yours until you destroy it.</p>
        <div class="card"><table><thead><tr><th>State</th><th>Means</th><th>Charged</th></tr></thead><tbody>
        <tr><td data-label="State"><code>pending</code></td><td data-label="Means">accepted, and waits for its turn</td>\
        <td data-label="Charged">no</td></tr>
        <tr><td data-label="State"><code>provisioning</code></td><td data-label="Means">is being made, started, rebooted \
        or resized</td><td data-label="Charged">as before; a new one is not</td></tr>
        <tr><td data-label="State"><code>running</code></td><td data-label="Means">it booted, and its SSH server \
        answered</td><td data-label="Charged">yes</td></tr>
        <tr><td data-label="State"><code>stopping</code></td><td data-label="Means">is being shut down</td>\
        <td data-label="Charged">yes</td></tr>
        <tr><td data-label="State"><code>stopped</code></td><td data-label="Means">is off; its disk and address are \
        kept</td><td data-label="Charged">yes</td></tr>
        <tr><td data-label="State"><code>error</code></td><td data-label="Means">never came up; <code>failure</code> says \
        why</td><td data-label="Charged">no</td></tr>
        <tr><td data-label="State"><code>terminated</code></td><td data-label="Means">is destroyed, for good</td>\
        <td data-label="Charged">no</td></tr></tbody></table></div>
        <p>Ask for the server again until its state is <code>running</code>; every two seconds is well within the rate \
        limit. Then <code>ssh</code> to its <code>public_ip</code> as its <code>ssh_user</code>, at its \
        <code>ssh_port</code>.</p>
        """

    private static let domains: HTML = """
        <p>A name is bought for one year or more, and is answered by our name servers at once. It renews itself before it \
        ends unless you say otherwise. Names below <code>.au</code> ask who holds them: set the registrant first.</p>
        """

    private static let dns: HTML = """
        <p>Records of one name and type are one set: setting it takes the place of all its values. Each change is a \
        version that can be looked at and taken back. Within a second of the answer our name servers say the same.</p>
        """

    private static let billing: HTML = """
        <p>A server is charged by the second from when it first runs until it is destroyed, and a whole month costs \
        exactly the plan's price. Months are invoiced when they are over. Nothing is estimated: each line can be \
        recalculated from its times and its price.</p>
        """

    private static func repeats(at address: String, _ catalogue: Catalogue) -> HTML {
        """
        <p>A connection can break before the answer arrives. Give each POST and DELETE an <code>Idempotency-Key</code>, \
        and it can be sent again without asking what became of the first.</p>
        <pre tabindex="0" data-copy="the call">curl -X POST \(address)/v1/servers \\
          -H "Authorization: Bearer $KEY" -H "Idempotency-Key: order-4711" \\
          -d '{"plan":"\(catalogue.plans.first?.id.text ?? "")","region":"\(catalogue.regions.first?.id.text ?? "")",\
        "image":"\(catalogue.images.last?.id.text ?? "")"}'</pre>
        <ul><li>For 48 hours the same request with the same key gets the same answer, with \
        <code>Idempotent-Replayed: true</code>, and nothing happens again.</li>
        <li>Only successes are kept: what was refused may be sent again with the same key.</li>
        <li>The same key with another request is 422 <code>idempotency_key_reused</code>; while the first is worked on, \
        its twin is 409 <code>busy</code>.</li></ul>
        <p>What a deployment or a resize would cost can be asked for without doing it, by <code>?dry_run=true</code>.</p>
        """
    }

    private static let errors: HTML = """
        <p>An error is a sentence for people in <code>error</code>, a <code>code</code> for programs, and what is wrong with \
        each field in <code>fields</code>. Decide by the code: sentences may be reworded. Quote <code>request_id</code> \
        when you ask for help.</p>
        <pre tabindex="0">{ "error": "Invalid or missing API key", "code": "unauthenticated", "request_id": "req_…" }</pre>
        <div class="card"><table><thead><tr><th>Status</th><th>Code</th><th>Means</th></tr></thead>\
        <tbody>\(rows)</tbody></table></div>
        """

    private static let rows: [HTML] = [
        ("400", "malformed_json", "The body is no JSON, no object, or has a field of the wrong type."),
        ("401", "unauthenticated", "The key is missing, wrong, expired or revoked."),
        ("402", "payment_required", "Say how you pay first, or pay what is overdue: the sentence names it."),
        ("403", "server_limit", "You have as many servers as you may have."),
        ("403", "spend_cap", "The price does not fit below your spend cap; the sentence has the numbers."),
        ("403", "suspended", "The account can be read, and not changed."),
        ("403", "unconfirmed", "The link in our letter has not been followed yet."),
        ("403", "scope", "The key may read, and nothing else."),
        ("404", "not_found", "There is no such thing, or it is not yours."),
        ("405", "method_not_allowed", "The path exists for other methods: see Allow."),
        ("409", "invalid_state", "What it is now does not allow this; the sentence says what would."),
        ("409", "busy", "Something else is under way on it: wait as long as Retry-After says."),
        ("409", "conflict", "It is there already, or was changed in between."),
        ("413", "too_large", "The body is longer than it may be."),
        ("422", "invalid", "A value cannot be had; fields says what can."),
        ("422", "idempotency_key_reused", "This Idempotency-Key belongs to another request."),
        ("429", "rate_limited", "Too many requests: wait as long as Retry-After says."),
        ("503", "no_capacity", "There is no room for this now; nothing was changed."),
        ("503", "unavailable", "Something we need does not answer: wait as long as Retry-After says."),
    ].map { status, code, words in
        """
        <tr><td data-label="Status">\(status)</td><td data-label="Code"><code>\(code)</code></td>\
        <td data-label="Means">\(words)</td></tr>
        """
    }

    private static let rateLimits: HTML = """
        <p>The limits are far beyond what automation of a fleet needs. Answers under <code>/v1</code> say how you stand:</p>
        <pre tabindex="0">RateLimit-Limit: 5000          requests an hour
        RateLimit-Remaining: 93        that would be let in right now
        RateLimit-Reset: 5             seconds until all of them would
        Retry-After: 15                with a 429: wait this long</pre>
        <p>Each key has its own. An operator can give an account another limit: get in touch if yours is too small.</p>
        """
}
