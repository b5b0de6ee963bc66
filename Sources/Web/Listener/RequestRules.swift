import NIOCore
import NIOHTTP1

/// What RFC 9112 asks of a request beyond what the parser sees to. It stands where the request's version is
/// still known: https://www.rfc-editor.org/rfc/rfc9112#section-3.2 (Host), #section-6.1 (Transfer-Encoding),
/// #section-9.3 (persistence).
final class RequestRules: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    /// Nothing behind a request that cannot be understood is looked at.
    private var isBroken = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isBroken { return }
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        if let fault = Self.fault(of: head) {
            isBroken = true
            return context.fireErrorCaught(fault)
        }
        guard let persistence = Self.persistence(of: head) else { return context.fireChannelRead(data) }
        head.headers.replaceOrAdd(name: "Connection", value: persistence)
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    private static func fault(of head: HTTPRequestHead) -> RequestFault? {
        let hosts = head.headers["Host"].count
        if hosts > 1 || (hosts == 0 && !isOld(head)) { return .host }
        let codings = head.headers["Transfer-Encoding"]
        if codings.isEmpty { return nil }
        let isChunked = codings.count == 1 && codings[0].lowercased() == "chunked"
        return isChunked && !isOld(head) ? nil : .transferCoding
    }

    /// Whether the request is of a version without Host, codings and connections that stay.
    private static func isOld(_ head: HTTPRequestHead) -> Bool {
        head.version == .http1_0 || head.version == .http0_9
    }

    /// `close` or `keep-alive`, exactly, where the version or the header says so; nil where nothing is said.
    private static func persistence(of head: HTTPRequestHead) -> String? {
        let isOld = isOld(head)
        guard isOld || head.headers.contains(name: "Connection") else { return nil }
        let words = head.headers[canonicalForm: "Connection"].map { $0.lowercased() }
        if words.contains("close") { return "close" }
        if words.contains("keep-alive") { return "keep-alive" }
        return isOld ? "close" : nil
    }
}

@available(*, unavailable)
extension RequestRules: Sendable {}
