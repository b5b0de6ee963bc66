import Cloud
import Foundation
import Kernel
import Logging
import Providers
import ServiceLifecycle

/// Sends the letters that were written; at the end, finishes those under way.
struct CourierService: Service {
    let courier: Courier
    let time: SystemTime
    let logger: Logger

    func run() async throws {
        while goesOn {
            do {
                try await courier.deliverDue { goesOn }
            } catch {
                logger.warning("cannot look for letters; the next time will do", metadata: ["error": "\(error)"])
            }
            await cancelWhenGracefulShutdown { try? await time.sleep(for: Courier.interval) }
        }
    }

    private var goesOn: Bool { !Task.isCancelled && !Task.isShuttingDownGracefully }
}

extension Daemon {
    /// What takes this installation's letters to their readers.
    func makePost() -> any Post {
        switch settings.mail.road {
        case .outbox: return Outbox(directory: settings.directory.outbox)
        case .sendmail:
            if programPath(settings.mail.sendmail) == nil {
                logger.warning(
                    "letters wait: there is no such program to take them",
                    metadata: ["sendmail": "\(settings.mail.sendmail)"])
            }
            return Sendmail(program: settings.mail.sendmail)
        }
    }

    /// Says where letters are when nobody is sent any.
    func announceOutbox() {
        guard settings.mail.road == .outbox else { return }
        if !settings.isDemo {
            logger.warning(
                """
                letters to customers are only written to files, so nobody is sent any: no server is stopped or destroyed \
                for an invoice that is not paid, unless you say that its customer was warned; see --mail
                """, metadata: ["outbox": "\(settings.directory.outbox)"])
        }
        Standard.output.write("Letters to customers are written to \(settings.directory.outbox)\n")
    }
}
