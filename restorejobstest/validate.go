package restorejobstest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A fieldKind is the required type and form of a field of a request body.
type fieldKind int

const (
	isText          fieldKind = iota // string, not empty
	isID                             // 24 hexadecimal digits
	isName                           // name of a cluster
	isItemName                       // name of the target of a flex restore
	isNumber                         // int32, at least 1
	isIncrement                      // oplog increment outside Atlas: 0 or more, in 32 bits as in BSON
	isIncrementText                  // the same in a string
	isSeconds                        // int32, seconds since 1970, not in the future
	isSecondsText                    // the same in a string
	isMillis                         // milliseconds since 1970, not in the future, a number or a string
	isDate                           // ISO 8601, whole seconds
	isPastDate                       // the same, not in the future
	isObject
	isReadOnly // known, but a request must not set it
)

var (
	clusterName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9-]*$`)
	itemName    = regexp.MustCompile(`^[\p{L}\p{N}\-_.(),:&@+']{1,64}$`)
)

// minSeconds is the earliest time that the API accepts, in seconds since 1970.
const minSeconds = 1199145600

// readBody reads the JSON object of a create.
func (s *Server) readBody(req *request) (map[string]any, *apiError) {
	media, _, err := mime.ParseMediaType(req.header.Get("Content-Type"))
	v2Type := req.route.basePath == v2Base && atlasMedia.MatchString(media)
	if err != nil || (media != "application/json" && !v2Type) {
		return nil, newAPIError(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The Content-Type must be application/json.")
	}
	var body map[string]any
	decoder := json.NewDecoder(bytes.NewReader(req.body))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil || body == nil {
		return nil, newAPIError(http.StatusBadRequest, "MALFORMED_JSON", "The request body is not a JSON object.")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, newAPIError(http.StatusBadRequest, "MALFORMED_JSON", "The request body has data after the JSON object.")
	}
	return body, nil
}

// checkFields refuses fields that are unknown, read-only or of the wrong type. The prefix is the
// path of the object that has them.
func (s *Server) checkFields(prefix string, body map[string]any, known map[string]fieldKind) *apiError {
	for _, field := range slices.Sorted(maps.Keys(body)) {
		path := prefix + field
		k, ok := known[field]
		var err *apiError
		switch {
		case !ok:
			err = newAPIError(http.StatusBadRequest, "INVALID_ATTRIBUTE", "Invalid attribute "+path+" specified.", path)
		case k == isReadOnly:
			err = newAPIError(http.StatusBadRequest, "ATTRIBUTE_READ_ONLY", "The attribute "+path+" is read-only and cannot be changed by the user.", path)
		default:
			err = s.checkKind(path, body[field], k)
		}
		if err != nil {
			err.field = path
			return err
		}
	}
	return nil
}

func (s *Server) checkKind(path string, value any, k fieldKind) *apiError {
	spelled, isNumeric := value.(json.Number)
	switch k {
	case isObject:
		if _, ok := value.(map[string]any); !ok {
			return wrongType(path)
		}
		return nil
	case isNumber, isIncrement, isSeconds:
		if !isNumeric {
			return wrongType(path)
		}
		return s.checkNumber(path, spelled.String(), k)
	default:
		if isNumeric && k == isMillis {
			return s.checkNumber(path, spelled.String(), k)
		}
		return s.checkText(path, value, k)
	}
}

// checkText checks the kinds that are strings.
func (s *Server) checkText(path string, value any, k fieldKind) *apiError {
	str, ok := value.(string)
	if !ok || str == "" {
		return wrongType(path)
	}
	switch k {
	case isID:
		return checkID(path, str)
	case isName:
		if !clusterName.MatchString(str) {
			return wrongType(path)
		}
		return nil
	case isItemName:
		if !itemName.MatchString(str) {
			return wrongType(path)
		}
		return nil
	case isIncrementText:
		return s.checkNumber(path, str, isIncrement)
	case isSecondsText:
		return s.checkNumber(path, str, isSeconds)
	case isMillis:
		return s.checkNumber(path, str, isMillis)
	case isDate, isPastDate:
		return s.checkDate(path, str, k)
	default:
		return nil
	}
}

func wrongType(path string) *apiError {
	return newAPIError(http.StatusBadRequest, "INVALID_ATTRIBUTE", "The attribute "+path+" has a value of the wrong type or form.", path)
}

// checkID returns a 404 for an invalid id, as the service does.
func checkID(path, id string) *apiError {
	if hexID.MatchString(id) {
		return nil
	}
	codes := map[string]string{
		"snapshotId":               "INVALID_SNAPSHOT_ID",
		"checkpointId":             "INVALID_CHECKPOINT_ID",
		"delivery.targetClusterId": "INVALID_CLUSTER_ID",
	}
	code := codes[path]
	if code == "" {
		code = "INVALID_GROUP_ID"
	}
	return newAPIError(http.StatusNotFound, code, "An invalid ID "+id+" was specified as "+path+".", id)
}

func (s *Server) checkNumber(path, value string, k fieldKind) *apiError {
	most := map[fieldKind]int64{isIncrement: math.MaxUint32, isMillis: math.MaxInt64}[k]
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n > max(most, math.MaxInt32) {
		return wrongType(path)
	}
	switch {
	case k == isNumber && n < 1, k == isIncrement && n < 0:
		return newAPIError(http.StatusBadRequest, "ATTRIBUTE_NEGATIVE_OR_ZERO", "The attribute "+path+" is too small.", path, n)
	case k == isSeconds && n < s.minTime(), k == isMillis && n < s.minTime()*1000:
		return newAPIError(http.StatusBadRequest, "INVALID_PIT_RESTORE_TIME", "The time in "+path+" is too long ago.", path, n)
	case k == isSeconds && n > s.now().Unix(), k == isMillis && n > s.now().UnixMilli():
		return futureTimeError(path, value)
	}
	return nil
}

func futureTimeError(path, value string) *apiError {
	return newAPIError(http.StatusBadRequest, "INVALID_PIT_RESTORE_TIME", "The time in "+path+" is in the future.", path, value)
}

// minTime is lower if the clock is before the documented minimum, as in a bubble of
// testing/synctest.
func (s *Server) minTime() int64 { return min(minSeconds, s.now().AddDate(-1, 0, 0).Unix()) }

func (s *Server) checkDate(path, value string, k fieldKind) *apiError {
	t, err := time.Parse(time.RFC3339, value)
	switch {
	case err != nil:
		return newAPIError(http.StatusBadRequest, "INVALID_DATE_FORMAT", "The attribute "+path+" is not an ISO 8601 date and time.", path)
	case strings.Contains(value, ".") || t.Nanosecond() != 0:
		return fractionalTimeError(path)
	case k == isPastDate && t.After(s.now()):
		return futureTimeError(path, value)
	}
	return nil
}

func fractionalTimeError(path string) *apiError {
	return newAPIError(http.StatusBadRequest, "FRACTIONAL_TIMESTAMP", "The time in "+path+" must be in whole seconds.", path)
}

// requireFields refuses a body without one of the fields.
func requireFields(prefix string, body map[string]any, fields ...string) *apiError {
	for _, field := range fields {
		if _, ok := body[field]; !ok {
			err := newAPIError(http.StatusBadRequest, "MISSING_ATTRIBUTE", "The required attribute "+prefix+field+" was not specified.", prefix+field)
			err.field = prefix + field
			return err
		}
	}
	return nil
}

// forbidFields refuses a body with one of the fields; why completes the sentence.
func forbidFields(prefix string, body map[string]any, why string, fields ...string) *apiError {
	for _, field := range fields {
		if _, ok := body[field]; ok {
			err := newAPIError(http.StatusBadRequest, "INVALID_ATTRIBUTE", "The attribute "+prefix+field+" cannot be used "+why+".", prefix+field)
			err.field = prefix + field
			return err
		}
	}
	return nil
}

// firstError returns the first error that is not nil.
func firstError(errs ...*apiError) *apiError {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// exactlyOne returns the one choice that the body has, and refuses none or several. A choice is
// a group of fields that belong together, named by the first of them.
func exactlyOne(prefix string, body map[string]any, choices ...[]string) (string, *apiError) {
	var found, all []string
	for _, fields := range choices {
		all = append(all, prefix+fields[0])
		if slices.ContainsFunc(fields, func(m string) bool { _, ok := body[m]; return ok }) {
			found = append(found, fields[0])
			if err := requireFields(prefix, body, fields...); err != nil {
				return "", err
			}
		}
	}
	switch len(found) {
	case 0:
		return "", newAPIError(http.StatusBadRequest, "MISSING_ATTRIBUTE", "One of "+strings.Join(all, ", ")+" must be specified.", toAny(all)...)
	case 1:
		return found[0], nil
	default:
		return "", newAPIError(http.StatusBadRequest, "VALIDATION_ERROR", "Only one of "+strings.Join(found, ", ")+" can be specified.", toAny(found)...)
	}
}

func toAny(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}
