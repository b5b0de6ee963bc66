import NIOCore
import NIOHTTP1

/// The bytes of the read that is being parsed, for whoever learns that the parser does not understand them: it knows
/// the methods of a list, and says of another no more than that it is none of these.
final class ReadUnderWay: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private var bytes: ByteBuffer?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes = unwrapInboundIn(data)
        context.fireChannelRead(data)
        // Kept no longer, or every silent connection would hold on to its last read.
        bytes = nil
    }

    /// Whether a line among them begins a request of HTTP/1, but for its method, which no list has.
    var holdsUnknownMethod: Bool {
        guard let bytes else { return false }
        return bytes.readableBytesView.split(separator: UInt8(ascii: "\n")).contains { line in
            let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
            guard words.count == 3, ["HTTP/1.1\r", "HTTP/1.0\r"].contains(where: { words[2].elementsEqual($0.utf8) })
            else { return false }
            return isUnknownMethod(words[0])
        }
    }

    /// Methods are tokens: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
    private func isUnknownMethod(_ word: ByteBufferView.SubSequence) -> Bool {
        let name = String(decoding: word, as: UTF8.self)
        let isToken = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }
        guard isToken, !name.isEmpty, case .RAW = HTTPMethod(rawValue: name) else { return false }
        return true
    }
}

@available(*, unavailable)
extension ReadUnderWay: Sendable {}
