/// What there is to know of one call.
struct CallCard {
    let operation: APIOperation
    let address: String

    var html: HTML {
        """
        <section class="card call" id="\(operation.id)"><h2>\(operation.summary)</h2>
        <p><span class="method">\(operation.method)</span> <code>\(operation.path)</code></p>
        \(MarkdownText(text: operation.description).html)\(sample)
        \(fields("In the address", operation.parameters))\(fields("In the body", operation.body))\(answers)</section>
        """
    }

    private var sample: HTML {
        guard !operation.sample.isEmpty else { return .empty }
        var call = operation.sample.replacing("$API", with: address)
        while call.last?.isNewline == true { call.removeLast() }
        return #"<pre tabindex="0" data-copy="the call">\#(call)</pre>"#
    }

    private func fields(_ title: String, _ fields: [APIField]) -> HTML {
        guard !fields.isEmpty else { return .empty }
        let rows = fields.map { field -> HTML in
            """
            <dt><code>\(field.name)</code><br><span class="soft">\(field.kind)\(field.isRequired ? ", required" : "")</span>\
            </dt><dd>\(MarkdownText.inline(field.description))</dd>
            """
        }
        return "<h3>\(title)</h3><dl class=\"left\">\(rows)</dl>"
    }

    private var answers: HTML {
        let rows = operation.answers.map { answer -> HTML in
            "<dt><code>\(answer.status)</code></dt><dd>\(MarkdownText.inline(answer.description))</dd>"
        }
        return """
            <details><summary>Answers</summary><dl class="left">\(rows)</dl></details>
            """
    }
}
