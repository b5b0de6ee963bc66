import Fakes
import Kernel

/// The one table that most of these tests need: notes with a number that must not be negative.
let notes = Migration(
    name: "0001-notes",
    text: """
        CREATE TABLE notes (
            id TEXT PRIMARY KEY,
            body TEXT,
            number BIGINT CHECK (number >= 0),
            parent TEXT REFERENCES notes (id)
        );

        CREATE TABLE counters (id TEXT PRIMARY KEY, used BIGINT NOT NULL, most BIGINT NOT NULL);
        """)

func insert(_ id: String, _ number: Int = 0) -> Write {
    Write("note.insert", "INSERT INTO notes (id, body, number) VALUES (\(id), 'text', \(number))")
}

extension Database {
    func ids() async throws -> [String] {
        try await read("SELECT id FROM notes ORDER BY id").map { try $0.text("id") }
    }
}
