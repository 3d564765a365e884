/* A front to libOpenCL.so.1 that lets Arm NN's GpuAcc backend run on PoCL, an OpenCL for processors.
 *
 * Arm NN opens "libOpenCL.so" and looks its functions up there. This library is found first (LD_LIBRARY_PATH), answers
 * five of them itself, and leaves the rest to the real library, which it is linked to. Built on the board:
 *
 *     gcc -shared -fPIC -O2 -o libOpenCL.so opencl_front.c -Wl,--no-as-needed -ldl -l:libOpenCL.so.1
 */
#define _GNU_SOURCE
#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static const char VERSION[] = "OpenCL 1.2 PoCL behind a front"; /* as 2.x, PoCL's vload and vstore do not compile */
static const char EXTENSION[] = " cl_arm_non_uniform_work_group_size";
static const char HALVES[] = " -Dhalf=float -Dhalf2=float2 -Dhalf4=float4 -Dhalf8=float8 -Dhalf16=float16";
static const char DIVISION[] = "_NO_STEP(dst, 0)";
static const char OPTION[] = "-cl-arm-non-uniform-work-group-size";

static void *real(const char *name)
{
    static void *library;
    if (!library)
        library = dlopen("libOpenCL.so.1", RTLD_NOW | RTLD_LOCAL);
    return library ? dlsym(library, name) : NULL;
}

/* Arm NN asks for GPUs only: any device will do. */
CL_API_ENTRY cl_int CL_API_CALL clGetDeviceIDs(cl_platform_id platform, cl_device_type type, cl_uint room,
                                               cl_device_id *devices, cl_uint *count)
{
    cl_int (*call)(cl_platform_id, cl_device_type, cl_uint, cl_device_id *, cl_uint *) = real("clGetDeviceIDs");
    if (!call)
        return CL_DEVICE_NOT_FOUND;
    return call(platform, type == CL_DEVICE_TYPE_GPU ? CL_DEVICE_TYPE_ALL : type, room, devices, count);
}

static cl_int answer(const char *text, size_t room, void *value, size_t *size)
{
    size_t needed = strlen(text) + 1;
    if (size)
        *size = needed;
    if (!value)
        return CL_SUCCESS;
    if (room < needed)
        return CL_INVALID_VALUE;
    memcpy(value, text, needed);
    return CL_SUCCESS;
}

/* Version 1.2, and Arm's extension for work-groups that do not divide the work, which clEnqueueNDRangeKernel mends. */
CL_API_ENTRY cl_int CL_API_CALL clGetDeviceInfo(cl_device_id device, cl_device_info what, size_t room, void *value,
                                                size_t *size)
{
    cl_int (*call)(cl_device_id, cl_device_info, size_t, void *, size_t *) = real("clGetDeviceInfo");
    size_t length = 0;
    cl_int status;
    char *text;

    if (!call)
        return CL_INVALID_DEVICE;
    if (what == CL_DEVICE_VERSION)
        return answer(VERSION, room, value, size);
    if (what != CL_DEVICE_EXTENSIONS)
        return call(device, what, room, value, size);
    status = call(device, what, 0, NULL, &length);
    if (status != CL_SUCCESS)
        return status;
    text = calloc(1, length + sizeof EXTENSION);
    if (!text)
        return CL_OUT_OF_HOST_MEMORY;
    status = call(device, what, length, text, NULL);
    if (status == CL_SUCCESS)
        status = answer(strcat(text, EXTENSION), room, value, size);
    free(text);
    return status;
}

/* PoCL's compiler does not know Arm's option: blank it out. It has no half numbers either, which pooling's source names
 * in kernels that are never run: let them be floats. */
CL_API_ENTRY cl_int CL_API_CALL clBuildProgram(cl_program program, cl_uint count, const cl_device_id *devices,
                                               const char *options, void(CL_CALLBACK *notify)(cl_program, void *),
                                               void *data)
{
    cl_int (*call)(cl_program, cl_uint, const cl_device_id *, const char *, void(CL_CALLBACK *)(cl_program, void *),
                   void *) = real("clBuildProgram");
    char *copy = calloc(1, (options ? strlen(options) : 0) + sizeof HALVES);
    char *found;
    cl_int status;

    if (!call || !copy)
        return CL_OUT_OF_HOST_MEMORY;
    if (options)
        strcpy(copy, options);
    while ((found = strstr(copy, OPTION)))
        memset(found, ' ', sizeof OPTION - 1);
    strcat(copy, HALVES);
    status = call(program, count, devices, copy, notify, data);
    free(copy);
    return status;
}

/* col2im's source divides by zero and multiplies the result by zero. A GPU does not mind, but PoCL's compiler makes a
 * function of it that runs into the void: let it divide by one. */
CL_API_ENTRY cl_program CL_API_CALL clCreateProgramWithSource(cl_context context, cl_uint count, const char **strings,
                                                              const size_t *lengths, cl_int *status)
{
    cl_program (*call)(cl_context, cl_uint, const char **, const size_t *, cl_int *) = real("clCreateProgramWithSource");
    cl_program program = NULL;
    char *copy, *found;
    size_t length;

    if (!call || count != 1 || !strings || !strings[0])
        return call ? call(context, count, strings, lengths, status) : NULL;
    length = lengths && lengths[0] ? lengths[0] : strlen(strings[0]);
    copy = calloc(1, length + 1);
    if (!copy) {
        if (status)
            *status = CL_OUT_OF_HOST_MEMORY;
        return NULL;
    }
    memcpy(copy, strings[0], length);
    while ((found = strstr(copy, DIVISION)))
        found[sizeof DIVISION - 3] = '1';
    program = call(context, 1, (const char **)&copy, NULL, status);
    free(copy);
    return program;
}

/* Where the work-groups do not divide the work, or are refused, let PoCL choose their size. */
CL_API_ENTRY cl_int CL_API_CALL clEnqueueNDRangeKernel(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                                                       const size_t *offset, const size_t *global, const size_t *local,
                                                       cl_uint waits, const cl_event *wait_list, cl_event *event)
{
    cl_int (*call)(cl_command_queue, cl_kernel, cl_uint, const size_t *, const size_t *, const size_t *, cl_uint,
                   const cl_event *, cl_event *) = real("clEnqueueNDRangeKernel");
    cl_int status;
    cl_uint i;

    if (!call)
        return CL_INVALID_COMMAND_QUEUE;
    for (i = 0; local && i < dimensions; i++)
        if (local[i] == 0 || global[i] % local[i] != 0)
            local = NULL;
    status = call(queue, kernel, dimensions, offset, global, local, waits, wait_list, event);
    if (status != CL_SUCCESS && local)
        status = call(queue, kernel, dimensions, offset, global, NULL, waits, wait_list, event);
    return status;
}
