import HTTPTypes
import NIOCore
import Wire

/// What a handler answers; the chain adds the headers that every answer has.
package struct Answer: Sendable {
    let status: HTTPResponse.Status
    let body: ByteBuffer
    let form: Form
    /// Beyond those every answer has.
    var headers: [HTTPField] = []
    /// What `Content-Length` says; nil for no such header, which only an answer without a body may go without: to HEAD,
    /// where nobody knows before the body is made, and a 304.
    var length: Int?

    enum Form: Sendable {
        case json
        case html
        /// A page with the style of invoices.
        case invoicePage
        case csv
        /// As RFC 1035 §5 writes zones; the type is RFC 4027's.
        case zoneFile
        case pdf
        case metrics
        /// A page of the dashboard.
        case page
        case style
        case script
        case picture
        /// Server-sent events, as they come.
        case events
    }

    init(_ status: HTTPResponse.Status, _ bytes: [UInt8], as form: Form = .json, headers: [HTTPField] = []) {
        self.status = status
        self.body = ByteBuffer(bytes: bytes)
        self.form = form
        self.headers = headers
        length = bytes.count
    }

    /// What is written while it happens, instead of `body`.
    var stream: EventStream?

    /// Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html
    static func events(_ stream: EventStream) -> Answer {
        var answer = Answer(.ok, [], as: .events)
        answer.length = nil
        answer.stream = stream
        return answer
    }

    /// An answer without its body.
    static func head(
        _ status: HTTPResponse.Status, as form: Form, length: Int?, headers: [HTTPField]
    ) -> Answer {
        var answer = Answer(status, [], as: form, headers: headers)
        answer.length = length
        return answer
    }

    static func ok(_ content: some JSONWritable, capacity: Int = 512) -> Answer {
        Answer(.ok, content.json(capacity: capacity))
    }

    static func created(_ content: some JSONWritable) -> Answer {
        Answer(.created, content.json())
    }
}
