import Cloud
import Foundation

/// Prints with WeasyPrint, Debian's package `weasyprint`.
///
/// Pages load nothing by construction. The printer sees to it once more: whatever address it is asked for, it fetches
/// nothing. It runs for so long, with so much memory, and leaves no file but the one it is told to write.
package struct WeasyPrint: Sendable {
    private let limit: Duration

    package init(limit: Duration = .seconds(60)) {
        self.limit = limit
    }

    /// Debian's own interpreter, which is the one that has the package.
    private static let interpreter = "/usr/bin/python3"

    /// The status with which the script says that there is no such package: `EX_UNAVAILABLE` of `sysexits.h`.
    private static let missing: Int32 = 69

    private static let script = """
        import resource, sys
        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            from weasyprint import HTML
        except ImportError:
            sys.exit(69)
        def refuse(url, *_, **__):
            raise ValueError("nothing is fetched")
        HTML(string=sys.stdin.buffer.read().decode("utf-8"), base_url=None, url_fetcher=refuse).write_pdf(sys.argv[1])
        """

    /// Writes the page to `path` as PDF; what is there afterwards is whole only if this returns.
    /// - Throws: `PrinterFailure`.
    func print(_ page: HTMLPage, to path: String) async throws(PrinterFailure) {
        let result: ProgramResult
        do {
            // -I: neither the environment nor the current directory has a say in what is imported.
            result = try await runProgram(
                Self.interpreter, ["-I", "-c", Self.script, path], input: page.text, limit: limit, keeping: 4096)
        } catch .notFound {
            throw PrinterFailure(.missing, "\(Self.interpreter) is not installed")
        } catch {
            throw PrinterFailure(.failed, "\(error)")
        }
        guard result.status != .exited(Self.missing) else {
            throw PrinterFailure(.missing, "the package weasyprint is not installed")
        }
        guard result.succeeded else { throw PrinterFailure(.failed, "weasyprint: \(result.complaint)") }
    }
}
