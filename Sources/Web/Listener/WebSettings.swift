/// How the service listens; an operator's configuration.
package struct WebSettings: Sendable {
    /// Where customers are answered.
    package var address: ListenAddress
    /// Where the operator's metrics are; nowhere when nil.
    package var operatorAddress: ListenAddress?
    package var tls: TLSFiles?
    /// A proxy stands in front: plain HTTP is accepted on any address, and the last entry of
    /// `X-Forwarded-For` is whom it serves.
    package var behindProxy: Bool
    package var rateLimits: RateLimits
    /// More wait in the kernel's queue, of `backlog` places, until others go.
    package var maximumConnections: Int
    package var backlog: Int
    /// How long a connection may be silent between requests.
    package var idleTimeout: Duration
    /// How long a request may take to arrive, whole.
    package var requestTimeout: Duration
    /// How long a client may take to shake hands for TLS.
    package var handshakeTimeout: Duration
    /// When the service stops, how long a connection without a request may wait for one more; it is answered,
    /// and told that the connection closes.
    package var drainGrace: Duration

    /// Whether browsers speak TLS with us, or with the proxy in front.
    var isSecure: Bool { tls != nil || behindProxy }

    package init(
        address: ListenAddress, operatorAddress: ListenAddress? = nil, tls: TLSFiles? = nil,
        behindProxy: Bool = false, rateLimits: RateLimits = RateLimits(), maximumConnections: Int = 10_000,
        backlog: Int = 1024, idleTimeout: Duration = .seconds(30), requestTimeout: Duration = .seconds(30),
        handshakeTimeout: Duration = .seconds(10), drainGrace: Duration = .seconds(3)
    ) {
        self.address = address
        self.operatorAddress = operatorAddress
        self.tls = tls
        self.behindProxy = behindProxy
        self.rateLimits = rateLimits
        self.maximumConnections = maximumConnections
        self.backlog = backlog
        self.idleTimeout = idleTimeout
        self.requestTimeout = requestTimeout
        self.handshakeTimeout = handshakeTimeout
        self.drainGrace = drainGrace
    }
}

/// A host and a port; port 0 takes any free one.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Whether only this host can reach it.
    package var isLoopback: Bool {
        let isIPv4 = host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { UInt8($0) != nil }
        return host == "localhost" || host == "::1" || (host.hasPrefix("127.") && isIPv4)
    }

    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// PEM files: the certificate with its chain, and its key.
package struct TLSFiles: Hashable, Sendable {
    package let certificate: String
    package let key: String

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// Which listener of the service is meant.
package enum Listener: String, Sendable {
    case customers
    case `operator`
}

/// The service cannot listen as it is told to. The description is one sentence for the operator.
package struct ListenerRefused: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
