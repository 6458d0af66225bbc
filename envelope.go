package restorejobs

import (
	"bytes"
	"errors"
	"fmt"

	"example.com/restorejobs/internal/jsondec"
)

// The API wraps its answers where envelope=true is asked for: a single entity as
// {"status": 200, "content": {…}}, in some versions with the key "envelope"; a list
// stays {"results": […]} and gains "status"; an error may come wrapped under HTTP
// status 200. All of it is recognised whether or not it was asked for. The trap is a
// flex job, whose own "status" is a string: only a number makes an envelope.

// envelopeError is an error that came under a success status.
type envelopeError struct {
	status int
	body   []byte
}

func (e *envelopeError) Error() string { return fmt.Sprintf("status %d inside the body", e.status) }

// errEmptyEnvelope is a wrapper around nothing.
var errEmptyEnvelope = errors.New("the envelope is empty")

// errEmptyBody is a success without the body it should have.
var errEmptyBody = errors.New("the body is empty")

// envelope is what the members of an answer's outermost object say about it.
type envelope struct {
	status         int    // number-valued "status", 0 for none
	errorStatus    int    // number-valued "error", 0 for none
	hasErrorFields bool   // what an error has is there: "errorCode", "reason" or "detail"
	content        []byte // value of "content" or "envelope"
	hasResults     bool   // "results" is there
	hasOtherFields bool   // something is there that is no part of a wrapper
}

// scanEnvelope looks at an answer's outermost object without reading what is in it.
func scanEnvelope(body []byte) (envelope, error) {
	var e envelope
	d := jsondec.New(body)
	if !d.Object() {
		return e, d.Err()
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "status":
			e.status = readNumber(&d)
		case "error":
			e.errorStatus = readNumber(&d)
		case "errorCode", "reason", "detail":
			e.hasErrorFields = true
			d.Skip()
		case "content", "envelope":
			e.content = d.Raw()
		case "results":
			e.hasResults = true
			d.Raw()
		default:
			e.hasOtherFields = true
			d.Skip()
		}
	}
	return e, d.End()
}

// readNumber reads a number; any other value counts as none.
func readNumber(d *jsondec.Decoder) int {
	n := 0
	if d.Kind() == jsondec.KindNumber {
		jsondec.Int(d, &n)
	} else {
		d.Skip()
	}
	return n
}

// isEmpty reports a wrapper with nothing in it.
func (e *envelope) isEmpty() bool {
	return e.status != 0 && e.content == nil && !e.hasResults && !e.hasOtherFields
}

// err returns the error that is inside an answer, nil for none.
func (e *envelope) err(body []byte) error {
	if e.status >= 400 {
		return &envelopeError{status: e.status, body: body}
	}
	if e.errorStatus >= 400 && e.hasErrorFields {
		return &envelopeError{status: e.errorStatus, body: body}
	}
	return nil
}

// unwrapEnvelope returns what is inside an envelope, or the body itself where there is none.
func unwrapEnvelope(body []byte) ([]byte, envelope, error) {
	e, err := scanEnvelope(body)
	if err != nil {
		return nil, e, err
	}
	if err := e.err(body); err != nil {
		return nil, e, err
	}
	if e.status == 0 || e.content == nil {
		return body, e, nil
	}
	inner, err := scanEnvelope(e.content) // a list inside an envelope, or an error after all
	if err != nil {
		return nil, e, err
	}
	inner.status, inner.content = 0, e.content // a status in there is the entity's own
	return e.content, inner, inner.err(e.content)
}

// decodeJob reads an answer that is one job.
func decodeJob(body []byte) (*Job, error) {
	body, err := requireBody(body)
	if err != nil {
		return nil, err
	}
	if body[0] == '{' { // a bare job, as nearly every answer is
		if job, odd, err := parseJobChecked(body); err != nil || !odd {
			return job, err
		}
	}
	body, e, err := unwrapEnvelope(body)
	if err != nil {
		return nil, err
	}
	if e.isEmpty() {
		return nil, errEmptyEnvelope
	}
	return decodeJobObject(body)
}

func decodeJobObject(body []byte) (*Job, error) {
	d := jsondec.New(body)
	if d.Kind() != jsondec.KindObject {
		if err := jsondec.Valid(body); err != nil {
			return nil, err
		}
		return nil, errors.New("the body is not a JSON object")
	}
	return parseJob(trimJSON(body))
}

// decodeCreateResponse reads the answer to a create: a list, one job, or either in an envelope. Limit is
// what an answer may have in bytes.
func decodeCreateResponse(body []byte, limit int64) ([]*Job, error) {
	body, err := requireBody(body)
	if err != nil {
		return nil, err
	}
	body, e, err := unwrapEnvelope(body)
	if err != nil {
		return nil, err
	}
	if e.hasResults {
		page, err := decodePage(body, limit)
		return page.jobs, err
	}
	if e.isEmpty() {
		return nil, errEmptyEnvelope
	}
	if d := jsondec.New(body); d.Kind() == jsondec.KindArray {
		return decodeBareList(&d, limit)
	}
	job, err := decodeJobObject(body)
	if err != nil {
		return nil, err
	}
	return []*Job{job}, nil
}

// decodeBareList reads an array without a wrapper. No document has one, but a restore
// that was started must not be lost over it.
func decodeBareList(d *jsondec.Decoder, limit int64) ([]*Job, error) {
	page := pageBody{limit: limit}
	if err := page.readResults(d); err != nil {
		return nil, err
	}
	return page.jobs, d.End()
}

// pageBody is a page as the server sent it.
type pageBody struct {
	jobs     []*Job
	total    int  // -1 where there is none
	hasLinks bool // there are paging links
	hasNext  bool // one of them is "next"
	envelope

	limit int64 // of the answer, in bytes
}

// maxEntries is how many entries a list may have in an answer of so many bytes. One can be a
// single digit there, and takes about a KiB in memory.
func maxEntries(limit int64) int64 { return max(5000, limit>>10) }

// checkEntryLimit refuses one more than n entries where those are the most.
func checkEntryLimit(n int, limit int64) error {
	if most := maxEntries(limit); int64(n) >= most {
		return fmt.Errorf("the answer holds more than %d entries, the most for the limit of %d bytes, see WithMaxResponseBytes", most, limit)
	}
	return nil
}

// decodePage reads a page: the wrapper in one pass, each job from a copy of its own
// bytes, so that a job that is kept does not keep the page. Limit is what an answer may have
// in bytes.
func decodePage(body []byte, limit int64) (pageBody, error) {
	page := pageBody{total: -1, limit: limit}
	body, err := requireBody(body)
	if err != nil {
		return page, err
	}
	d := jsondec.New(body)
	if d.Kind() != jsondec.KindObject {
		if err := jsondec.Valid(body); err != nil {
			return page, err
		}
		return page, errors.New("the body is not a list of jobs")
	}
	if err := page.read(&d, 0); err != nil {
		return page, err
	}
	if err := d.End(); err != nil {
		return page, err
	}
	if err := page.err(body); err != nil {
		return page, err
	}
	if !page.hasResults {
		return page, errors.New("the body is not a list of jobs: it has no results")
	}
	return page, nil
}

// read reads the members of a list's wrapper. A wrapper inside an envelope is read into
// the same page.
func (p *pageBody) read(d *jsondec.Decoder, depth int) error {
	d.Object()
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "results":
			if err := p.readResults(d); err != nil {
				return err
			}
		case "totalCount":
			jsondec.Int(d, &p.total)
		case "links":
			p.readLinks(d)
		case "status":
			if n := readNumber(d); depth == 0 { // further in, it is something else's
				p.status = n
			}
		case "error":
			p.errorStatus = max(p.errorStatus, readNumber(d))
		case "errorCode", "reason", "detail":
			p.hasErrorFields = true
			d.Skip()
		case "content", "envelope":
			if d.Kind() != jsondec.KindObject || depth > 0 {
				d.Skip()
				continue
			}
			if err := p.read(d, depth+1); err != nil {
				return err
			}
		default:
			d.Skip()
		}
	}
	return d.Err()
}

func (p *pageBody) readResults(d *jsondec.Decoder) error {
	if d.Kind() == jsondec.KindNull { // a list of nothing
		p.hasResults = true
		d.Skip()
		return nil
	}
	if !d.Array() {
		return d.Err()
	}
	p.hasResults = true
	sizeHint := initialJobSize
	for d.More() {
		if err := checkEntryLimit(len(p.jobs), p.limit); err != nil {
			return err
		}
		job, size := readJob(d, sizeHint)
		if d.Err() != nil {
			break
		}
		if p.jobs == nil {
			p.jobs = make([]*Job, 0, min(size, 100)) // most pages have the default 100 or more
		}
		p.jobs = append(p.jobs, job)
		sizeHint = nextSizeHint(sizeHint, size)
	}
	return d.Err()
}

// initialJobSize is room for most jobs, in bytes.
const initialJobSize = 1024

// readJob reads the next job of a list, in one pass where its text fits into room, and
// tells how long that is.
func readJob(d *jsondec.Decoder, sizeHint int) (job *Job, size int) {
	job = new(Job)
	d.BeginCopy(sizeHint)
	job.decode(d)
	raw, text := d.EndCopy()
	if text == "" && d.Err() == nil { // it was longer
		job, _ = parseJob(raw) // what was just read is well-formed
		return job, len(raw)
	}
	job.raw = text
	return job, len(raw)
}

// nextSizeHint is the room to try for the job after one of a size: jobs of a list are much
// alike, and after a large one the room shrinks again.
func nextSizeHint(sizeHint, size int) int {
	const step = 128 // the allocator takes about as much in any case
	if size < sizeHint {
		size = sizeHint - (sizeHint-size)/2
	}
	return (size + step - 1) / step * step
}

func (p *pageBody) readLinks(d *jsondec.Decoder) {
	if !d.Array() {
		return
	}
	for d.More() {
		var link Link
		link.decode(d)
		p.hasLinks = p.hasLinks || link.Rel != ""
		p.hasNext = p.hasNext || link.Rel == "next"
	}
}

// trimJSON takes off what JSON calls white space, which is less than bytes.TrimSpace does.
func trimJSON(body []byte) []byte { return bytes.Trim(body, " \t\r\n") }

// requireBody refuses a body of nothing but white space.
func requireBody(body []byte) ([]byte, error) {
	if body = trimJSON(body); len(body) == 0 {
		return nil, errEmptyBody
	}
	return body, nil
}
