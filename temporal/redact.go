package restoretemporal

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
)

const (
	maxFailureText = 2000 // bytes of a text in a history
	maxRowText     = 300  // bytes of the JSON of a failure in a row of a fleet
)

// cutMark is the end of a text that was cut.
const cutMark = "…"

var linkPattern = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>]+`)

// redactText returns a text for the history: a link keeps its host only, and a long text is cut. The
// library redacts its own errors; those of Activities.Deliver can contain a link.
func redactText(text string) string {
	text = linkPattern.ReplaceAllStringFunc(text, redactLink)
	return truncateText(text, maxFailureText)
}

func redactLink(link string) string {
	parsed, err := url.Parse(link)
	if err != nil || parsed.Host == "" {
		return "[link]"
	}
	return parsed.Scheme + "://" + parsed.Host + "/[redacted]"
}

// truncateText cuts a text at a number of bytes.
func truncateText(text string, size int) string {
	text = strings.ToValidUTF8(text, "?")
	if len(text) <= size {
		return text
	}
	return strings.ToValidUTF8(text[:size-len(cutMark)], "") + cutMark
}

// truncateJSON cuts a text at a number of bytes of its JSON, in which a "<" has six.
func truncateJSON(text string, size int) string {
	const most = len(`\u003c`)
	text = truncateText(text, size)
	for {
		data, err := json.Marshal(text)
		surplus := len(data) - len(`""`) - size
		if err != nil || surplus <= 0 {
			return text
		}
		text = truncateText(text, len(text)-(surplus+most-1)/most)
	}
}
