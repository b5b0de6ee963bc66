import AsyncHTTPClient
import Cloud
import Foundation
import Kernel
import NIOCore
import NIOHTTP1
import NIOPosix

/// Sends requests to Stripe and reads its answers.
struct StripeAPI: Sendable {
    let settings: StripeSettings

    /// The version whose fields and parameters `StripeObject` and `StripePayments` know.
    static let version = "2026-10-28.endive"

    private static let largestAnswer = 4 << 20

    enum Answer: Sendable {
        case done(Data)
        case fault(status: Int, StripeObject.Fault)
    }

    /// What was sent may have been done or not.
    struct Lost: Error {
        let words: String
    }

    /// - Parameter key: makes a repetition harmless for a day.
    /// - Throws: `Lost`; `PaymentsError` where nothing was sent; `CancellationError`.
    func post(_ path: String, _ form: StripeForm, once key: String) async throws -> Answer {
        var request = request(path, method: "POST")
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        request.headers.add(name: "Idempotency-Key", value: key)
        request.body = .bytes(ByteBuffer(string: form.encoded))
        return try await send(request)
    }

    /// - Throws: `PaymentsError`, `CancellationError`.
    func get(_ path: String, _ query: StripeForm = StripeForm()) async throws -> Answer {
        let query = query.encoded
        do {
            return try await send(request(query.isEmpty ? path : "\(path)?\(query)", method: "GET"))
        } catch let lost as Lost {
            // Who only asked changed nothing.
            throw PaymentsError(.unavailable, lost.words)
        }
    }

    private func request(_ path: String, method: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: settings.url + path)
        request.method = .init(rawValue: method)
        request.headers.add(name: "Authorization", value: "Bearer \(settings.key.exposed)")
        request.headers.add(name: "Stripe-Version", value: Self.version)
        request.headers.add(name: "User-Agent", value: "CAIport")
        return request
    }

    private func send(_ request: HTTPClientRequest) async throws -> Answer {
        let status: Int
        let bytes: Data
        do {
            let response = try await HTTPClient.shared.execute(
                request, timeout: .microseconds(settings.timeout.wholeMicroseconds))
            status = Int(response.status.code)
            bytes = Data(try await response.body.collect(upTo: Self.largestAnswer).readableBytesView)
        } catch let error as NIOConnectionError {
            throw PaymentsError(.unavailable, "cannot connect: \(error.host):\(error.port)")
        } catch let error as HTTPClientError where Self.beforeSending.contains(error) {
            throw PaymentsError(.unavailable, "cannot connect: \(error.shortDescription)")
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Lost(words: "no answer: \(type(of: error))")
        }
        if (200..<300).contains(status) { return .done(bytes) }
        // What is no answer of Stripe's own comes from something on the way, and says nothing.
        guard let failure = try? JSONDecoder().decode(StripeObject.Failure.self, from: bytes) else {
            throw Lost(words: "an answer of status \(status) that is not Stripe's")
        }
        return .fault(status: status, failure.error)
    }

    private static let beforeSending: [HTTPClientError] = [.connectTimeout, .getConnectionFromPoolTimeout]
}

extension StripeAPI {
    /// The object that was answered.
    /// - Throws: `PaymentsError` where it is a fault, or none that we know.
    static func read<Object: Decodable>(_ answer: Answer, as type: Object.Type = Object.self) throws -> Object {
        switch answer {
        case .done(let bytes):
            do {
                return try JSONDecoder().decode(type, from: bytes)
            } catch {
                throw PaymentsError(.misconfigured, "an answer that cannot be read: \(type)")
            }
        case .fault(let status, let fault): throw error(status, fault)
        }
    }

    static func error(_ status: Int, _ fault: StripeObject.Fault) -> PaymentsError {
        let words = "\(status) \(fault.type) \(fault.code ?? "")"
        return switch status {
        case 401, 403: PaymentsError(.misconfigured, words)
        case 404: PaymentsError(.refused, words)
        case 409, 424, 429, 500...: PaymentsError(.unavailable, words)
        case 402: PaymentsError(.refused, words)
        default: PaymentsError(.misconfigured, words)
        }
    }
}
