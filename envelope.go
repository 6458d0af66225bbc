package restorejobs

import (
	"bytes"
	"errors"
	"fmt"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/jsondec"
	"example.com/restorejobs/internal/paging"
)

// With envelope=true the API wraps its responses. A single entity becomes
// {"status": 200, "content": {…}}, in some versions with the key "envelope". A list remains
// {"results": […]} and gains "status". An error can have HTTP status 200. All forms are
// recognized in every response. A flex job has a "status" of its own, which is a string: only
// a number makes an envelope.

var (
	errEmptyEnvelope = errors.New("the envelope is empty")
	errEmptyBody     = errors.New("the body is empty")
)

// envelope describes the outermost object of a response.
type envelope struct {
	status         int    // number-valued "status", 0 if missing
	errorStatus    int    // number-valued "error", 0 if missing
	hasErrorFields bool   // has "errorCode", "reason" or "detail"
	content        []byte // value of "content" or "envelope"
	hasResults     bool   // has "results"
	hasOtherFields bool   // has members that are not part of a wrapper
}

// scanEnvelope reads the outermost object without decoding its content.
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

// readNumber reads a number. Any other value counts as 0.
func readNumber(d *jsondec.Decoder) int {
	n := 0
	if d.Kind() == jsondec.KindNumber {
		jsondec.Int(d, &n)
	} else {
		d.Skip()
	}
	return n
}

// isEmpty reports whether a wrapper has no content.
func (e *envelope) isEmpty() bool {
	return e.status != 0 && e.content == nil && !e.hasResults && !e.hasOtherFields
}

// err returns the error that the response contains, nil if none.
func (e *envelope) err(body []byte) error {
	if e.status >= 400 {
		return &api.InnerError{Status: e.status, Body: body}
	}
	if e.errorStatus >= 400 && e.hasErrorFields {
		return &api.InnerError{Status: e.errorStatus, Body: body}
	}
	return nil
}

// unwrapEnvelope returns the content of an envelope, or the body itself if it has none.
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
	inner, err := scanEnvelope(e.content) // a list inside an envelope, or an error
	if err != nil {
		return nil, e, err
	}
	inner.status = 0 // it belongs to the entity
	inner.content = e.content
	return e.content, inner, inner.err(e.content)
}

// objectParser parses one object. It also reports members of an envelope or of an error.
type objectParser[T any] func(raw []byte) (value T, looksWrapped bool, err error)

// decodeJob decodes a response with one job.
func decodeJob(body []byte) (*Job, error) { return decodeObject(body, parseJobChecked) }

// decodeObject decodes a response with one object.
func decodeObject[T any](body []byte, parse objectParser[T]) (T, error) {
	var none T
	body, err := requireBody(body)
	if err != nil {
		return none, err
	}
	if body[0] == '{' { // nearly every response is a bare object
		if value, looksWrapped, err := parse(body); err != nil || !looksWrapped {
			return value, err
		}
	}
	body, e, err := unwrapEnvelope(body)
	if err != nil {
		return none, err
	}
	if e.isEmpty() {
		return none, errEmptyEnvelope
	}
	return parseObject(body, parse)
}

// parseObject parses the content of an envelope, which must be an object.
func parseObject[T any](body []byte, parse objectParser[T]) (T, error) {
	var none T
	d := jsondec.New(body)
	if d.Kind() != jsondec.KindObject {
		if err := jsondec.Valid(body); err != nil {
			return none, err
		}
		return none, errors.New("the body is not a JSON object")
	}
	value, _, err := parse(trimJSON(body))
	return value, err
}

// decodeCreateResponse decodes a list, one job, or either in an envelope. A response may have
// limit bytes.
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
		page, err := decodePage(body, limit, new(jobReader).read)
		return page.items, err
	}
	if e.isEmpty() {
		return nil, errEmptyEnvelope
	}
	if d := jsondec.New(body); d.Kind() == jsondec.KindArray {
		return decodeBareList(&d, limit)
	}
	job, err := parseObject(body, parseJobChecked)
	if err != nil {
		return nil, err
	}
	return []*Job{job}, nil
}

// decodeBareList decodes an array without a wrapper. It is not documented, but a restore that was
// started must not be lost for it.
func decodeBareList(d *jsondec.Decoder, limit int64) ([]*Job, error) {
	page := pageBody[*Job]{limit: limit, readEntry: new(jobReader).read}
	if err := page.readResults(d); err != nil {
		return nil, err
	}
	return page.items, d.End()
}

// pageBody is a decoded page with entries of type T.
type pageBody[T any] struct {
	items    []T
	total    int  // -1 if missing
	hasLinks bool // has paging links
	hasNext  bool // one of them is "next"
	envelope

	limit     int64 // of the response, in bytes
	readEntry entryReader[T]
}

// entryReader reads the next entry of a list.
type entryReader[T any] func(d *jsondec.Decoder) T

// maxEntries is how many entries a list may have in a response of limit bytes. An entry can be a
// single digit, and takes about a KiB in memory.
func maxEntries(limit int64) int64 { return max(5000, limit>>10) }

// checkEntryLimit refuses another entry after n if n is the limit.
func checkEntryLimit(n int, limit int64) error {
	if most := maxEntries(limit); int64(n) >= most {
		return fmt.Errorf("the response has more than %d entries, the most for the limit of %d bytes, see WithMaxResponseBytes", most, limit)
	}
	return nil
}

// decodePage decodes a page in one pass. Each entry has a copy of its own bytes, so that an entry
// that is kept does not keep the page. A response may have limit bytes.
func decodePage[T any](body []byte, limit int64, readEntry entryReader[T]) (pageBody[T], error) {
	page := pageBody[T]{
		limit:     limit,
		readEntry: readEntry,
	}
	err := page.decode(body)
	return page, err
}

// decode decodes a page into items, which can have room from another page.
func (p *pageBody[T]) decode(body []byte) error {
	p.total = paging.UnknownTotal
	body, err := requireBody(body)
	if err != nil {
		return err
	}
	d := jsondec.New(body)
	if d.Kind() != jsondec.KindObject {
		if err := jsondec.Valid(body); err != nil {
			return err
		}
		return errors.New("the body is not a list")
	}
	if err := p.read(&d, 0); err != nil {
		return err
	}
	if err := d.End(); err != nil {
		return err
	}
	if err := p.err(body); err != nil {
		return err
	}
	if !p.hasResults {
		return errors.New("the body is not a list: it has no results")
	}
	return nil
}

// read reads the members of a list's wrapper. A wrapper inside an envelope is read into the same
// page.
func (p *pageBody[T]) read(d *jsondec.Decoder, depth int) error {
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
			if n := readNumber(d); depth == 0 { // deeper, it belongs to an entity
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

func (p *pageBody[T]) readResults(d *jsondec.Decoder) error {
	if d.Kind() == jsondec.KindNull { // an empty list
		p.hasResults = true
		d.Skip()
		return nil
	}
	if !d.Array() {
		return d.Err()
	}
	p.hasResults = true
	for d.More() {
		if err := checkEntryLimit(len(p.items), p.limit); err != nil {
			return err
		}
		start := d.Offset()
		entry := p.readEntry(d)
		if d.Err() != nil {
			break
		}
		if p.items == nil {
			p.items = make([]T, 0, min(d.Remaining()/(d.Offset()-start)+1, maxPageRoom))
		}
		p.items = append(p.items, entry)
	}
	return d.Err()
}

// maxPageRoom is how many entries the room for a page has at first. Most services return no more.
const maxPageRoom = 500

func (p *pageBody[T]) readLinks(d *jsondec.Decoder) {
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

// trimJSON removes the white space of JSON, which is less than that of bytes.TrimSpace.
func trimJSON(body []byte) []byte {
	last := len(body) - 1
	if last >= 0 && body[0] > ' ' && body[last] > ' ' { // as nearly every one
		return body
	}
	return bytes.Trim(body, " \t\r\n")
}

// requireBody refuses a body of white space only.
func requireBody(body []byte) ([]byte, error) {
	if body = trimJSON(body); len(body) == 0 {
		return nil, errEmptyBody
	}
	return body, nil
}
