package restorejobs

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

// The sentinels for [errors.Is], for every variant. An error matches at most one, so they can be tested
// in any order. Exceptions: [ErrBaseURLRequired] is a kind of ErrInvalidArgument, and a [*WaitError] of
// several jobs matches the sentinel of each.
//
//	Nothing was sent
//	  an argument is invalid              ErrInvalidArgument
//	  the base URL of Ops Manager is missing  ErrBaseURLRequired
//	The service responded, by status or code
//	  401                                 ErrUnauthorized
//	  403                                 ErrForbidden, ErrIPNotAllowed
//	  404                                 ErrNotFound
//	  409                                 ErrConflict, ErrBusy, ErrAmbiguous
//	  400, 405, 503 with a code for it    ErrBusy
//	  410                                 ErrGone
//	  429                                 ErrRateLimited
//	  500, 502, 503, 504                  ErrUnavailable
//	FindProject or FindCluster: the name
//	  has no match                        ErrNotFound
//	  has several                         ErrAmbiguous
//	A write may have been executed
//	  no response, 303, 408, 5xx          ErrOutcomeUnknown
//	  a 2xx that cannot be used           ErrOutcomeUnknown
//	Wait or Download: the job
//	  failed                              ErrJobFailed
//	  finished without some collections   ErrCollectionsNotRestored
//	  was cancelled                       ErrJobCancelled
//	  expired (Wait only)                 ErrJobExpired
//	  may get a file later (Download only)  ErrDownloadNotReady
//	  has an expired link                 ErrLinkExpired
//	  has a link that is used up          ErrDownloadsExhausted
//	Snapshots
//	  the snapshot failed (Wait only)     ErrSnapshotFailed
//	  none can be restored (Newest only)  ErrNoSnapshot
//	Wait: the servers of a finished job's target
//	  cannot be watched                   ErrTargetUnknown
//	Download: the file
//	  has another checksum                ErrChecksumMismatch
//	  cannot be resumed                   ErrNotResumable
var (
	// ErrUnauthorized: the key is wrong, or not allowed in this project (401).
	ErrUnauthorized = errors.New("restorejobs: unauthorized")
	// ErrForbidden: the key is known but lacks a role (403).
	ErrForbidden = errors.New("restorejobs: forbidden")
	// ErrIPNotAllowed: the caller's address is not on the API access list (403). Only codes of
	// the API distinguish it from ErrForbidden.
	ErrIPNotAllowed = errors.New("restorejobs: address is not on the API access list")
	// ErrNotFound: no such project, cluster, snapshot or job, or a malformed id (404, and
	// codes for it under another status).
	ErrNotFound = errors.New("restorejobs: not found")
	// ErrBusy: the service refused for now, and the same call can succeed later. The status is
	// 400, 405, 409 or 503, and nothing was started. [Error.Hint] names the condition. Some
	// causes do not clear, so a retry loop needs a limit.
	ErrBusy = errors.New("restorejobs: busy")
	// ErrConflict: the state of a resource does not allow the call (409), and the code names no
	// cause that clears. Codes such as [ErrorCodeClusterPausedCannotRestore] come under 400 and
	// do not match: compare with the [ErrorCode].
	ErrConflict = errors.New("restorejobs: conflict")
	// ErrAmbiguous: several projects or clusters have the name. See [LookupError].
	ErrAmbiguous = errors.New("restorejobs: ambiguous")
	// ErrGone: the API version, the kind of key, or a download link is no longer served (410).
	ErrGone = errors.New("restorejobs: gone")
	// ErrRateLimited: too many requests (429).
	ErrRateLimited = errors.New("restorejobs: rate limited")
	// ErrUnavailable: the service, or a proxy before it, cannot respond now (500, 502,
	// 503, 504).
	ErrUnavailable = errors.New("restorejobs: unavailable")

	// ErrInvalidArgument: refused before anything was sent. The error names every invalid
	// argument and the rule that it breaks.
	ErrInvalidArgument = errors.New("restorejobs: invalid argument")
	// ErrBaseURLRequired: the call is for Ops Manager, and the client was made without
	// [WithBaseURL]. The error matches ErrInvalidArgument, too.
	ErrBaseURLRequired = errors.New("restorejobs: base URL required")
	// ErrOutcomeUnknown: a create, or a [Client.Do] that is not a read, was sent, and whether it
	// was executed is unknown: the response was lost, or is 303, 408, 5xx or a 2xx web page. For
	// a create, every unusable 2xx counts. See [OutcomeUnknownError].
	ErrOutcomeUnknown = errors.New("restorejobs: outcome unknown")
	// ErrJobFailed: the job is in [StateFailed].
	ErrJobFailed = errors.New("restorejobs: job failed")
	// ErrJobCancelled: the job is in [StateCancelled].
	ErrJobCancelled = errors.New("restorejobs: job cancelled")
	// ErrCollectionsNotRestored: a collection restore is in [StateFinished], and some of its
	// collections or indexes were not restored. [CollectionJobError] lists them.
	ErrCollectionsNotRestored = errors.New("restorejobs: collections not restored")
	// ErrJobExpired: a wait ended because the job is in [StateExpired], and its link is not used
	// up. A download of the job matches ErrLinkExpired.
	ErrJobExpired = errors.New("restorejobs: job expired")
	// ErrSnapshotFailed: the snapshot is in [SnapshotFailed], or complete without all of its shards.
	ErrSnapshotFailed = errors.New("restorejobs: snapshot failed")
	// ErrNoSnapshot: the source has no snapshot that can be restored. A [*NoSnapshotError] has the
	// reason.
	ErrNoSnapshot = errors.New("restorejobs: no snapshot")
	// ErrTargetUnknown: a wait [UntilFinished] ended with a finished job of Cloud Manager or Ops
	// Manager, and whether the servers of its target have the data is unknown: the key may not read
	// the automation status of the project, or automation does not manage it.
	ErrTargetUnknown = errors.New("restorejobs: state of the target unknown")
	// ErrDownloadNotReady: the job has no file to fetch yet; it may have one later.
	ErrDownloadNotReady = errors.New("restorejobs: download not ready")
	// ErrLinkExpired: the download link of the job has expired.
	ErrLinkExpired = errors.New("restorejobs: download link expired")
	// ErrDownloadsExhausted: a download link of the job was used as often as allowed. Other links of
	// a sharded Atlas job may still work: see [DownloadOptions].ReplicaSet.
	ErrDownloadsExhausted = errors.New("restorejobs: downloads used up")
	// ErrChecksumMismatch: a downloaded file is not the one the server hashed.
	ErrChecksumMismatch = errors.New("restorejobs: checksum does not match")
	// ErrNotResumable: a stream cannot be continued, because the server does not prove that the
	// rest is of the same file. It has to begin again.
	ErrNotResumable = errors.New("restorejobs: download cannot be resumed")
)

// Error is a response that is not a success: a status other than 2xx, an error inside a 200
// envelope, or a 2xx whose body is truncated, too large or unexpected. Responses of download links
// and of the token endpoint become such errors too. Get it with [errors.As]. Test it with
// [errors.Is] and a sentinel or an [ErrorCode].
//
// Its text has no link and no query, and the first ten FieldViolations. Every field is redacted:
// a server can repeat a token, a key or a part of one. [Error.Body] returns the body.
//
// API: error codes of Cloud Manager, Ops Manager and Atlas; Atlas v2 "ApiError".
type Error struct {
	// StatusCode is the HTTP status, or the one inside the envelope.
	StatusCode int
	// Code is the errorCode of the body, or else of the header X-Error-Code. Empty if neither has
	// one. For the token endpoint it is the OAuth error.
	Code ErrorCode
	// Reason is the reason, usually the HTTP reason phrase.
	Reason string
	// Detail is the server's description of the error.
	Detail string
	// Parameters are the values in Detail, as text. Nil if there are none.
	Parameters []string
	// FieldViolations are the invalid fields of the request. Documented for Atlas v2, and never
	// observed.
	FieldViolations []FieldViolation

	// Operation is the operation of the call, such as "get restore job".
	Operation string
	// Variant is the product of the call. Empty for [Client.Do] and for tokens.
	Variant Variant
	// Method is the method of the request.
	Method string
	// Path is the path of the request, without host and query. Empty for a download link, whose
	// path can be its key.
	Path string
	// RequestID is the ID that the service gave the request. Empty if unknown.
	RequestID string
	// RetryAfter is the delay that the server requests, at most 366 days. Zero without one. A
	// date counts from the Date header of the response.
	RetryAfter time.Duration
	// Attempts is the number of attempts, 1 without a retry. Always 1 for a download link.
	Attempts int
	// Hint is the usual cause and the remedy. Empty if unknown.
	Hint string

	// cause is why a 2xx could not be used.
	cause      error
	staleNonce bool // the challenge of a 401 calls the nonce stale: the key may be valid
	isWrite    bool // the request is repeated only if it certainly was not executed
	// outcomeUnknown: the request may have been executed. The status does not matter then.
	outcomeUnknown bool
	body           []byte
}

// FieldViolation is an invalid field of a request.
//
// API: Atlas v2 "ApiError", badRequestDetail.fields.
type FieldViolation struct {
	// Field is the path to the field.
	Field string `json:"field"`
	// Description is the rule.
	Description string `json:"description"`
}

// Format prints the fields as fmt would, without the server's control characters.
func (v FieldViolation) Format(f fmt.State, verb rune) {
	type fieldViolation FieldViolation
	writeFields(f, verb, fieldViolation(v))
}

// ErrorCode is an errorCode of the API. It is an error, so that it can be the target of
// [errors.Is]: errors.Is(err, restorejobs.ErrorCodeRestoreJobNotFound).
//
// API: error codes of Cloud Manager, Ops Manager and Atlas.
type ErrorCode string

// Error returns the code itself.
func (e ErrorCode) Error() string { return string(e) }

// Error returns one line: the operation, the status, the code, Detail, why a 2xx cannot be used,
// the violations, the hint, the attempts if there were several, and the request ID.
func (e *Error) Error() string {
	if e.Operation == "" {
		return "restorejobs: " + e.message()
	}
	return "restorejobs: " + e.Operation + ": " + e.message()
}

// message is the text without the package and the operation.
func (e *Error) message() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d", e.StatusCode)
	switch {
	case e.Code != "":
		b.WriteString(" " + sanitize(string(e.Code), 100))
	case e.cause == nil && http.StatusText(e.StatusCode) != "":
		b.WriteString(" " + http.StatusText(e.StatusCode))
	}
	if e.Detail != "" {
		b.WriteString(": " + sanitize(e.Detail, 500))
	}
	if e.cause != nil {
		b.WriteString(": " + sanitize(e.cause.Error(), 500))
	}
	const maxFields = 10
	for _, field := range e.FieldViolations[:min(len(e.FieldViolations), maxFields)] {
		fmt.Fprintf(&b, "; %s: %s", sanitize(field.Field, 100), sanitize(field.Description, 300))
	}
	if omitted := len(e.FieldViolations) - maxFields; omitted > 0 {
		fmt.Fprintf(&b, "; and %d more", omitted)
	}
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " [%d attempts]", e.Attempts)
	}
	if e.RequestID != "" {
		b.WriteString(" [request " + sanitize(e.RequestID, 100) + "]")
	}
	return b.String()
}

// Unwrap returns why a 2xx could not be used: a body that ends too early matches
// [io.ErrUnexpectedEOF], one that a broken connection cut has that connection's error in
// its chain. It is nil for an error that the server reported.
func (e *Error) Unwrap() error { return e.cause }

// Body returns a copy of the response's body, at most its first MiB. Secrets that the client
// sent are redacted in it, and valid JSON stays valid. Secrets of the server, such as a download
// link, are not redacted: do not log the body.
func (e *Error) Body() []byte { return append([]byte(nil), e.body...) }

// Retryable reports whether [RetryPolicy] repeats the request after this error, limits aside. A
// read is repeated after a truncated body and after 408, 429, 500, 502, 503 and 504. A create, and
// a [Client.Do] that is not a read, is repeated after 429 only.
func (e *Error) Retryable() bool {
	mode := api.RetryIdempotent
	if e.isWrite {
		mode = api.RetryIfUnsent
	}
	return mode.Allows(e.class())
}

// class is the class of the response. A web page under 404 comes from a server that starts.
func (e *Error) class() api.Class {
	switch {
	case e.cause != nil:
		return api.ClassifyBody(e.cause)
	case e.staleNonce, e.StatusCode == http.StatusNotFound && isHTML(e):
		return api.Eventual
	default:
		return api.ClassifyStatus(e.StatusCode)
	}
}

// isHTML reports a web page, which a proxy sends while the service starts.
func isHTML(e *Error) bool {
	return e.Code == "" && transport.IsMarkup(e.body)
}

// Format prints [Error.Error] for every verb.
func (e *Error) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		writeString(f, fmt.Sprintf("%q", e.Error()))
		return
	}
	writeString(f, e.Error())
}

// LogValue gives operation, status, code, detail, path, request id and attempts for
// log/slog.
func (e *Error) LogValue() slog.Value {
	return slog.GroupValue(slog.String("operation", e.Operation), slog.Int("status", e.StatusCode),
		slog.String("code", sanitize(string(e.Code), 100)), slog.String("detail", sanitize(e.Detail, 500)),
		slog.String("path", e.Path), slog.String("requestId", sanitize(e.RequestID, 100)),
		slog.Int("attempts", e.Attempts))
}

// MarshalJSON gives what LogValue gives, so that a structured log shows no body.
func (e *Error) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"operation": e.Operation, "status": e.StatusCode, "code": sanitize(string(e.Code), 100),
		"detail": sanitize(e.Detail, 500), "path": e.Path, "requestId": e.RequestID, "attempts": e.Attempts,
	})
}

// shortMessage is the text of an error inside of another one that names the operation.
func shortMessage(err error) string {
	if apiErr, ok := err.(*Error); ok { //nolint:errorlint // a wrapped one has another text
		return apiErr.message()
	}
	return err.Error()
}

// attemptsSuffix is the number of attempts for a text, empty for one attempt.
func attemptsSuffix(attempts int) string {
	if attempts <= 1 {
		return ""
	}
	return fmt.Sprintf(" [%d attempts]", attempts)
}

// sanitize makes a server's text fit for one line of an error or a log.
func sanitize(text string, limit int) string { return redact.OneLine(text, limit) }

// invalidError lists everything that is wrong with a call's arguments.
type invalidError struct {
	operation string
	problems  []string
	sentinel  error // ErrBaseURLRequired, or nil
}

func (e *invalidError) Error() string {
	return "restorejobs: " + e.operation + ": invalid argument: " + strings.Join(e.problems, "; ")
}

func (e *invalidError) Is(target error) bool {
	return target == ErrInvalidArgument || e.sentinel != nil && target == e.sentinel
}

// invalidArgument returns nil without problems.
func invalidArgument(operation string, problems ...string) error {
	if len(problems) == 0 {
		return nil
	}
	return &invalidError{operation: operation, problems: problems}
}

// mergeInvalid makes one error of those that list problems; another kind goes before.
func mergeInvalid(errs ...error) error {
	var all *invalidError
	for _, err := range errs {
		invalid, isInvalid := err.(*invalidError) //nolint:errorlint // as invalid makes it
		switch {
		case err == nil:
		case !isInvalid:
			return err
		case all == nil:
			all = invalid
		default:
			all = &invalidError{
				operation: all.operation,
				problems:  slices.Concat(all.problems, invalid.problems),
				sentinel:  cmp.Or(all.sentinel, invalid.sentinel),
			}
		}
	}
	if all == nil {
		return nil
	}
	return all
}

// unsupportedError is an operation, or a part of one, that a variant lacks.
type unsupportedError struct{ operation, subject string }

func (e *unsupportedError) Error() string {
	return "restorejobs: " + e.operation + ": " + e.subject + " does not have this"
}

func (e *unsupportedError) Is(target error) bool { return target == errors.ErrUnsupported }
