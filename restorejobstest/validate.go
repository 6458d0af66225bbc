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

// A fieldKind is what a member of a request body must be.
type fieldKind int

const (
	isText          fieldKind = iota // string, not empty
	isID                             // 24 hexadecimal digits
	isName                           // name of a cluster
	isItemName                       // name of what a flex restore writes to
	isNumber                         // int32, at least 1
	isIncrement                      // of the oplog outside Atlas: at least 0, and BSON knows 32 bits
	isIncrementText                  // the same in a string
	isSeconds                        // int32, seconds since 1970, not in the future
	isSecondsText                    // the same in a string
	isMillis                         // milliseconds since 1970, not in the future, a number or a string
	isDate                           // ISO 8601, whole seconds
	isPastDate                       // the same, not in the future
	isObject
	isReadOnly // known, but not to be sent
)

var (
	clusterName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9-]*$`)
	itemName    = regexp.MustCompile(`^[\p{L}\p{N}\-_.(),:&@+']{1,64}$`)
)

// minSeconds is the smallest time the API takes, in seconds since 1970.
const minSeconds = 1199145600

// readBody reads the JSON object of a create.
func (s *Server) readBody(req *request) (map[string]any, *apiError) {
	media, _, err := mime.ParseMediaType(req.header.Get("Content-Type"))
	v2Type := req.route.basePath == v2Base && atlasMedia.MatchString(media)
	if err != nil || (media != "application/json" && !v2Type) {
		return nil, fail(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The Content-Type must be application/json.")
	}
	var body map[string]any
	decoder := json.NewDecoder(bytes.NewReader(req.body))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil || body == nil {
		return nil, fail(http.StatusBadRequest, "MALFORMED_JSON", "Received JSON that is no object.")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fail(http.StatusBadRequest, "MALFORMED_JSON", "Received JSON with something after its end.")
	}
	return body, nil
}

// checkFields refuses members that are unknown, read-only or of a wrong type.
// Prefix is the path of the object that has them.
func (s *Server) checkFields(prefix string, body map[string]any, known map[string]fieldKind) *apiError {
	for _, replicaSet := range slices.Sorted(maps.Keys(body)) {
		path := prefix + replicaSet
		k, ok := known[replicaSet]
		var err *apiError
		switch {
		case !ok:
			err = fail(http.StatusBadRequest, "INVALID_ATTRIBUTE", "Invalid attribute "+path+" specified.", path)
		case k == isReadOnly:
			err = fail(http.StatusBadRequest, "ATTRIBUTE_READ_ONLY", "The attribute "+path+" is read-only and cannot be changed by the user.", path)
		default:
			err = s.checkKind(path, body[replicaSet], k)
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
	return fail(http.StatusBadRequest, "INVALID_ATTRIBUTE", "The attribute "+path+" has a value of the wrong type or form.", path)
}

// checkID answers 404 for an id that cannot be one, as the service does.
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
	return fail(http.StatusNotFound, code, "An invalid ID "+id+" was specified as "+path+".", id)
}

func (s *Server) checkNumber(path, value string, k fieldKind) *apiError {
	most := map[fieldKind]int64{isIncrement: math.MaxUint32, isMillis: math.MaxInt64}[k]
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n > max(most, math.MaxInt32) {
		return wrongType(path)
	}
	switch {
	case k == isNumber && n < 1, k == isIncrement && n < 0:
		return fail(http.StatusBadRequest, "ATTRIBUTE_NEGATIVE_OR_ZERO", "The attribute "+path+" is too small.", path, n)
	case k == isSeconds && n < s.minTime(), k == isMillis && n < s.minTime()*1000:
		return fail(http.StatusBadRequest, "INVALID_PIT_RESTORE_TIME", "The time in "+path+" is too long ago.", path, n)
	case k == isSeconds && n > s.now().Unix(), k == isMillis && n > s.now().UnixMilli():
		return futureTimeError(path, value)
	}
	return nil
}

func futureTimeError(path, value string) *apiError {
	return fail(http.StatusBadRequest, "INVALID_PIT_RESTORE_TIME", "The time in "+path+" has not come yet.", path, value)
}

// minTime gives way where the clock itself stands before the documented
// minimum, as it does in a bubble of testing/synctest.
func (s *Server) minTime() int64 { return min(minSeconds, s.now().AddDate(-1, 0, 0).Unix()) }

func (s *Server) checkDate(path, value string, k fieldKind) *apiError {
	t, err := time.Parse(time.RFC3339, value)
	switch {
	case err != nil:
		return fail(http.StatusBadRequest, "INVALID_DATE_FORMAT", "The attribute "+path+" is no ISO 8601 date and time.", path)
	case strings.Contains(value, ".") || t.Nanosecond() != 0:
		return fractionalTimeError(path)
	case k == isPastDate && t.After(s.now()):
		return futureTimeError(path, value)
	}
	return nil
}

func fractionalTimeError(path string) *apiError {
	return fail(http.StatusBadRequest, "FRACTIONAL_TIMESTAMP", "The time in "+path+" must be in whole seconds.", path)
}

// requireFields refuses a body that lacks one of the members.
func requireFields(prefix string, body map[string]any, replicaSets ...string) *apiError {
	for _, replicaSet := range replicaSets {
		if _, ok := body[replicaSet]; !ok {
			err := fail(http.StatusBadRequest, "MISSING_ATTRIBUTE", "The required attribute "+prefix+replicaSet+" was not specified.", prefix+replicaSet)
			err.field = prefix + replicaSet
			return err
		}
	}
	return nil
}

// forbidFields refuses a body that has one of the members; why ends the sentence.
func forbidFields(prefix string, body map[string]any, why string, replicaSets ...string) *apiError {
	for _, replicaSet := range replicaSets {
		if _, ok := body[replicaSet]; ok {
			err := fail(http.StatusBadRequest, "INVALID_ATTRIBUTE", "The attribute "+prefix+replicaSet+" cannot be used "+why+".", prefix+replicaSet)
			err.field = prefix + replicaSet
			return err
		}
	}
	return nil
}

// firstError gives the first error there is.
func firstError(errs ...*apiError) *apiError {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// exactlyOne refuses a body that has none of the choices or several, and gives
// the one it has. A choice is made of members that go together; the first of
// them names it.
func exactlyOne(prefix string, body map[string]any, choices ...[]string) (string, *apiError) {
	var found, all []string
	for _, replicaSets := range choices {
		all = append(all, prefix+replicaSets[0])
		if slices.ContainsFunc(replicaSets, func(m string) bool { _, ok := body[m]; return ok }) {
			found = append(found, replicaSets[0])
			if err := requireFields(prefix, body, replicaSets...); err != nil {
				return "", err
			}
		}
	}
	switch len(found) {
	case 0:
		return "", fail(http.StatusBadRequest, "MISSING_ATTRIBUTE", "One of "+strings.Join(all, ", ")+" must be specified.", toAny(all)...)
	case 1:
		return found[0], nil
	default:
		return "", fail(http.StatusBadRequest, "VALIDATION_ERROR", "Only one of "+strings.Join(found, ", ")+" can be specified.", toAny(found)...)
	}
}

func toAny(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}
