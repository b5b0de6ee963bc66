import Cloud
import Foundation

/// Prints with WeasyPrint, Debian's package `weasyprint`.
///
/// Pages load nothing by construction. The printer sees to it twice more: whatever address it is asked for, it fetches
/// nothing; and it runs in a `Confinement`. What it prints comes back by its standard output.
package struct WeasyPrint: Printer {
    private let limit: Duration

    package init(limit: Duration = .seconds(60)) {
        self.limit = limit
    }

    /// Debian's own interpreter, which is the one that has the package.
    private static let interpreter = "/usr/bin/python3"

    /// The status with which the script says that there is no such package: `EX_UNAVAILABLE` of `sysexits.h`.
    private static let missing: Int32 = 69

    /// More than any page that is bounded comes to; in base64.
    private static let most = 32 << 20

    /// WeasyPrint makes a directory for fonts that a page brings along, which ours do not.
    private static let script = """
        import base64, sys, tempfile
        tempfile.mkdtemp = lambda *_, **__: "/nonexistent"
        try:
            from weasyprint import HTML
        except ImportError:
            sys.exit(69)
        def refuse(url, *_, **__):
            raise ValueError("nothing is fetched")
        page = sys.stdin.buffer.read().decode("utf-8")
        sys.stdout.buffer.write(base64.b64encode(HTML(string=page, base_url=None, url_fetcher=refuse).write_pdf()))
        """

    /// Found out once: what a host allows does not change under a process.
    private static let confinement = Task { await Confinement.strictest() }

    package func print(
        _ page: HTMLPage, as name: String, for account: AccountID
    ) async throws(PrinterFailure) -> [UInt8] {
        guard programPath(Self.interpreter) != nil else {
            throw PrinterFailure(.missing, "\(Self.interpreter) is not installed")
        }
        let result = try await run(page)
        guard result.status != .exited(Self.missing) else {
            throw PrinterFailure(.missing, "the package weasyprint is not installed")
        }
        guard result.succeeded else { throw PrinterFailure(.failed, "weasyprint: \(result.complaint)") }
        guard let bytes = Data(base64Encoded: result.output), bytes.starts(with: Array("%PDF-".utf8)) else {
            throw PrinterFailure(.failed, "what was printed is no PDF, or one of more than \(Self.most) bytes")
        }
        return Array(bytes)
    }

    /// It keeps nothing.
    package func size(ofPrinted name: String) async -> Int? { nil }

    private func run(_ page: HTMLPage) async throws(PrinterFailure) -> ProgramResult {
        // -I: neither the environment nor the current directory has a say in what is imported.
        let (program, arguments) = await Self.confinement.value.wrap(Self.interpreter, ["-I", "-c", Self.script])
        do {
            return try await runProgram(
                program, arguments, input: page.text, directory: "/", environment: ["HOME": "/nonexistent"],
                limit: limit, keeping: Self.most)
        } catch .notFound(let program) {
            throw PrinterFailure(.missing, "\(program) is not installed")
        } catch {
            throw PrinterFailure(.failed, "\(error)")
        }
    }
}
