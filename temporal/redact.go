package restoretemporal

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"

	"example.com/restorejobs/durable"
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

// redactFiles removes users and queries from the places of files, which can be URLs of Activities.Deliver.
func redactFiles(files []durable.FileResult) {
	for i := range files {
		files[i].Path = redactPath(files[i].Path)
	}
}

func redactPath(path string) string {
	if !strings.Contains(path, "://") {
		return path
	}
	parsed, err := url.Parse(path)
	if err != nil {
		return "[link]"
	}
	hasSecret := parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != ""
	if !hasSecret {
		return path
	}
	parsed.User = nil
	parsed.RawQuery = ""
	parsed.Fragment = ""
	return parsed.String()
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
