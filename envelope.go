package restorejobs

import (
	"bytes"
	"errors"
	"fmt"

	"example.com/restorejobs/internal/jsonpass"
)

// The API wraps its answers where envelope=true is asked for: a single entity as
// {"status": 200, "content": {…}}, in some versions with the key "envelope"; a list
// stays {"results": […]} and gains "status"; an error may come wrapped under HTTP
// status 200. All of it is recognised whether or not it was asked for. The trap is a
// flex job, whose own "status" is a string: only a number makes an envelope.

// innerError is an error that came under a success status.
type innerError struct {
	status int
	body   []byte
}

func (e *innerError) Error() string { return fmt.Sprintf("status %d inside the body", e.status) }

// errEmptyEnvelope is a wrapper around nothing.
var errEmptyEnvelope = errors.New("the envelope is empty")

// errEmptyBody is a success without the body it should have.
var errEmptyBody = errors.New("the body is empty")

// envelope is what the members of an answer's outermost object say about it.
type envelope struct {
	status  int    // number-valued "status", 0 for none
	failure int    // number-valued "error", 0 for none
	coded   bool   // what an error has is there: "errorCode", "reason" or "detail"
	inner   []byte // value of "content" or "envelope"
	results bool   // "results" is there
	other   bool   // something is there that is no part of a wrapper
}

// openEnvelope looks at an answer's outermost object without reading what is in it.
func openEnvelope(body []byte) (envelope, error) {
	var e envelope
	d := jsonpass.New(body)
	if !d.Object() {
		return e, d.Err()
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "status":
			e.status = number(&d)
		case "error":
			e.failure = number(&d)
		case "errorCode", "reason", "detail":
			e.coded = true
			d.Skip()
		case "content", "envelope":
			e.inner = d.Raw()
		case "results":
			e.results = true
			d.Raw()
		default:
			e.other = true
			d.Skip()
		}
	}
	return e, d.End()
}

// number reads a number; any other value counts as none.
func number(d *jsonpass.Decoder) int {
	n := 0
	if d.Kind() == jsonpass.Number {
		jsonpass.Int(d, &n)
	} else {
		d.Skip()
	}
	return n
}

// empty reports a wrapper with nothing in it.
func (e *envelope) empty() bool { return e.status != 0 && e.inner == nil && !e.results && !e.other }

// failed returns the error that is inside an answer, nil for none.
func (e *envelope) failed(body []byte) error {
	if e.status >= 400 {
		return &innerError{status: e.status, body: body}
	}
	if e.failure >= 400 && e.coded {
		return &innerError{status: e.failure, body: body}
	}
	return nil
}

// unwrap returns what is inside an envelope, or the body itself where there is none.
func unwrap(body []byte) ([]byte, envelope, error) {
	e, err := openEnvelope(body)
	if err != nil {
		return nil, e, err
	}
	if err := e.failed(body); err != nil {
		return nil, e, err
	}
	if e.status == 0 || e.inner == nil {
		return body, e, nil
	}
	inner, err := openEnvelope(e.inner) // a list inside an envelope, or an error after all
	if err != nil {
		return nil, e, err
	}
	inner.status, inner.inner = 0, e.inner // a status in there is the entity's own
	return e.inner, inner, inner.failed(e.inner)
}

// decodeJob reads an answer that is one job.
func decodeJob(body []byte) (*Job, error) {
	body, err := notEmpty(body)
	if err != nil {
		return nil, err
	}
	if body[0] == '{' { // a bare job, as nearly every answer is
		if job, odd, err := scanJob(body); err != nil || !odd {
			return job, err
		}
	}
	body, e, err := unwrap(body)
	if err != nil {
		return nil, err
	}
	if e.empty() {
		return nil, errEmptyEnvelope
	}
	return decodeObject(body)
}

func decodeObject(body []byte) (*Job, error) {
	d := jsonpass.New(body)
	if d.Kind() != jsonpass.Object {
		if err := jsonpass.Valid(body); err != nil {
			return nil, err
		}
		return nil, errors.New("the body is not a JSON object")
	}
	return newJob(trimJSON(body))
}

// decodeJobs reads the answer to a create: a list, one job, or either in an envelope. Limit is
// what an answer may have in bytes.
func decodeJobs(body []byte, limit int64) ([]*Job, error) {
	body, err := notEmpty(body)
	if err != nil {
		return nil, err
	}
	body, e, err := unwrap(body)
	if err != nil {
		return nil, err
	}
	if e.results {
		list, err := decodePage(body, limit)
		return list.jobs, err
	}
	if e.empty() {
		return nil, errEmptyEnvelope
	}
	if d := jsonpass.New(body); d.Kind() == jsonpass.Array {
		return decodeBareList(&d, limit)
	}
	job, err := decodeObject(body)
	if err != nil {
		return nil, err
	}
	return []*Job{job}, nil
}

// decodeBareList reads an array without a wrapper. No document has one, but a restore
// that was started must not be lost over it.
func decodeBareList(d *jsonpass.Decoder, limit int64) ([]*Job, error) {
	page := list{limit: limit}
	if err := page.readResults(d); err != nil {
		return nil, err
	}
	return page.jobs, d.End()
}

// list is a page as the server sent it.
type list struct {
	jobs   []*Job
	total  int  // -1 where there is none
	linked bool // there are paging links
	next   bool // one of them is "next"
	envelope

	limit int64 // of the answer, in bytes
}

// mostEntries is how many entries a list may have in an answer of so many bytes. One can be a
// single digit there, and takes about a KiB in memory.
func mostEntries(limit int64) int64 { return max(5000, limit>>10) }

// roomForEntry refuses one more than n entries where those are the most.
func roomForEntry(n int, limit int64) error {
	if most := mostEntries(limit); int64(n) >= most {
		return fmt.Errorf("the answer holds more than %d entries, the most for the limit of %d bytes, see WithMaxResponseBytes", most, limit)
	}
	return nil
}

// decodePage reads a page: the wrapper in one pass, each job from a copy of its own
// bytes, so that a job that is kept does not keep the page. Limit is what an answer may have
// in bytes.
func decodePage(body []byte, limit int64) (list, error) {
	page := list{total: -1, limit: limit}
	body, err := notEmpty(body)
	if err != nil {
		return page, err
	}
	d := jsonpass.New(body)
	if d.Kind() != jsonpass.Object {
		if err := jsonpass.Valid(body); err != nil {
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
	if err := page.failed(body); err != nil {
		return page, err
	}
	if !page.results {
		return page, errors.New("the body is not a list of jobs: it has no results")
	}
	return page, nil
}

// read reads the members of a list's wrapper. A wrapper inside an envelope is read into
// the same page.
func (p *list) read(d *jsonpass.Decoder, depth int) error {
	d.Object()
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "results":
			if err := p.readResults(d); err != nil {
				return err
			}
		case "totalCount":
			jsonpass.Int(d, &p.total)
		case "links":
			p.readLinks(d)
		case "status":
			if n := number(d); depth == 0 { // further in, it is something else's
				p.status = n
			}
		case "error":
			p.failure = max(p.failure, number(d))
		case "errorCode", "reason", "detail":
			p.coded = true
			d.Skip()
		case "content", "envelope":
			if d.Kind() != jsonpass.Object || depth > 0 {
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

func (p *list) readResults(d *jsonpass.Decoder) error {
	if d.Kind() == jsonpass.Null { // a list of nothing
		p.results = true
		d.Skip()
		return nil
	}
	if !d.Array() {
		return d.Err()
	}
	p.results = true
	room := usualJob
	for d.More() {
		if err := roomForEntry(len(p.jobs), p.limit); err != nil {
			return err
		}
		job, size := nextJob(d, room)
		if d.Err() != nil {
			break
		}
		if p.jobs == nil {
			p.jobs = make([]*Job, 0, min(size, 100)) // most pages have the default 100 or more
		}
		p.jobs = append(p.jobs, job)
		room = roomFor(room, size)
	}
	return d.Err()
}

// usualJob is room for most jobs, in bytes.
const usualJob = 1024

// nextJob reads the next job of a list, in one pass where its text fits into room, and
// tells how long that is.
func nextJob(d *jsonpass.Decoder, room int) (job *Job, size int) {
	job = new(Job)
	d.Copy(room)
	job.decode(d)
	raw, text := d.Copied()
	if text == "" && d.Err() == nil { // it was longer
		job, _ = newJob(raw) // what was just read is well-formed
		return job, len(raw)
	}
	job.raw = text
	return job, len(raw)
}

// roomFor is the room to try for the job after one of a size: jobs of a list are much
// alike, and after a large one the room shrinks again.
func roomFor(room, size int) int {
	const step = 128 // the allocator takes about as much in any case
	if size < room {
		size = room - (room-size)/2
	}
	return (size + step - 1) / step * step
}

func (p *list) readLinks(d *jsonpass.Decoder) {
	if !d.Array() {
		return
	}
	for d.More() {
		var link Link
		link.decode(d)
		p.linked = p.linked || link.Rel != ""
		p.next = p.next || link.Rel == "next"
	}
}

// trimJSON takes off what JSON calls white space, which is less than bytes.TrimSpace does.
func trimJSON(body []byte) []byte { return bytes.Trim(body, " \t\r\n") }

// notEmpty refuses a body of nothing but white space.
func notEmpty(body []byte) ([]byte, error) {
	if body = trimJSON(body); len(body) == 0 {
		return nil, errEmptyBody
	}
	return body, nil
}
