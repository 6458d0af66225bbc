package restorejobstest

// SetHeader handles the request and sets a header of the response, such as Deprecation.
func SetHeader(name, value string) Fault {
	return modifyResponse(func(_ *request, resp *response) { resp.header.Set(name, value) })
}
